import type { Decoded, DecodeContext, Message, PayloadFormat } from "@messnetz/formats";
import { type Refusal, refusal } from "@messnetz/model";
import type { Delivery } from "./road.ts";
import { matchesTopic } from "./topic-filter.ts";

/** Topics whose candidates are remembered. A town has fewer; a flood of random topics starts over. */
const maxRememberedTopics = 50_000;

export interface Chosen {
  readonly format: PayloadFormat;
  readonly decoded: Decoded | Refusal;
  readonly delivery?: Delivery;
  readonly isCopy?: true;
}

/** Who asks for what was remembered: set before a format is asked. */
export interface DecodeScope {
  source: string;
  format: string;
}

/** Whose message it is. */
export interface Sender {
  readonly operator: string;
  /** The format that the credential names. */
  readonly format?: string | undefined;
}

interface DecoderOptions {
  readonly scope?: DecodeScope;
  /** Whether the delivery has come before; absent: none has. */
  readonly isCopy?: ((delivery: Delivery) => boolean) | undefined;
}

/**
 * Chooses the format of a message, by the credential's choice, then topic, then content, in the order of the list, and decodes.
 * `no_format` where none claims it.
 */
export function createDecoder(
  formats: readonly PayloadFormat[],
  context: DecodeContext,
  { scope = { source: "", format: "" }, isCopy }: DecoderOptions = {},
) {
  const byName = new Map(formats.map((format) => [format.name, format]));
  const byTopic = new Map<string, readonly PayloadFormat[]>();

  function candidates(topic: string): readonly PayloadFormat[] {
    let found = byTopic.get(topic);
    if (found === undefined) {
      if (byTopic.size >= maxRememberedTopics) byTopic.clear();
      found = formats.filter((format) => format.topics.some((filter) => matchesTopic(filter, topic)));
      byTopic.set(topic, found);
    }
    return found;
  }

  function decodeAs(format: PayloadFormat, message: Message, operator: string): Chosen {
    scope.source = message.source;
    scope.format = format.name;
    const named = isCopy === undefined ? undefined : format.delivery?.(message);
    if (isCopy === undefined || named === undefined) return { format, decoded: format.decode(message, context) };
    const delivery: Delivery = { ...named, operator, format: format.name };
    return isCopy(delivery)
      ? { format, decoded: { skip: "a copy", device: delivery.device }, delivery, isCopy: true }
      : { format, decoded: format.decode(message, context), delivery };
  }

  return function decode(message: Message, { operator, format: pinned }: Sender): Chosen | Refusal {
    if (pinned !== undefined) {
      const format = byName.get(pinned);
      if (format === undefined) {
        return refusal("no_format", `the credential's format to be one of ${[...byName.keys()].join(", ")}`, pinned);
      }
      return decodeAs(format, message, operator);
    }
    for (const format of candidates(message.topic)) {
      if (format.recognises(message)) return decodeAs(format, message, operator);
    }
    return refusal(
      "no_format",
      "a topic and payload of a known family; name the format in the credential where topic and content do not tell it",
      message.topic,
    );
  };
}
