import { hash } from "node:crypto";
import { type Refusal, refusal, type Source } from "@messnetz/model";
import { matchesTopic } from "@messnetz/pipeline";

export interface TopicLimits {
  readonly maxTopicBytes: number;
  readonly maxTopicLevels: number;
}

/** What is known of a topic that a credential publishes to. */
export interface TopicRight {
  /** Absent: it may. */
  readonly refusal?: Refusal;
  /** Short name of the topic for delivery receipts. */
  readonly mark: string;
}

export interface TopicRights {
  of(source: Source, topic: string): TopicRight;
}

/** Topics remembered per credential; a credential that invents topics only loses the memory. */
const maxRemembered = 4096;

/**
 * May a credential publish to a topic, and is the topic within the limits? What it may not is refused as data (the message goes to the
 * quarantine and is acknowledged): closing the connection would make the device send the same message again for ever.
 */
export function createTopicRights(limits: TopicLimits): TopicRights {
  const bySource = new WeakMap<Source, Map<string, TopicRight>>();

  function judge(source: Source, topic: string): Refusal | undefined {
    const bytes = Buffer.byteLength(topic);
    if (bytes > limits.maxTopicBytes)
      return refusal("too_large", `a topic of at most ${limits.maxTopicBytes} bytes`, `${bytes} bytes: ${topic}`);
    const levels = topic.split("/", limits.maxTopicLevels + 1).length;
    if (levels > limits.maxTopicLevels)
      return refusal("too_deep", `a topic of at most ${limits.maxTopicLevels} levels`, topic);
    if (source.topics.some((filter) => matchesTopic(filter, topic))) return undefined;
    return refusal(
      "foreign_device",
      `a topic that the credential ${source.id} may publish to: ${source.topics.join(", ")}`,
      topic,
    );
  }

  function of(source: Source, topic: string): TopicRight {
    let rights = bySource.get(source);
    if (rights === undefined) bySource.set(source, (rights = new Map<string, TopicRight>()));
    const known = rights.get(topic);
    if (known !== undefined) return known;
    const refused = judge(source, topic);
    const mark = hash("sha256", topic, "base64url").slice(0, 8);
    const right: TopicRight = refused === undefined ? { mark } : { mark, refusal: refused };
    if (Buffer.byteLength(topic) <= limits.maxTopicBytes) {
      if (rights.size >= maxRemembered) rights.clear();
      rights.set(topic, right);
    }
    return right;
  }

  return { of };
}
