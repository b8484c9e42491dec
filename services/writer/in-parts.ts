import type { IntakeMessage } from "@messnetz/model";
import { unreadable } from "./quarantine-message.ts";

/**
 * The message as entries of the quarantine: one, or several where its payload has more than `maxBytes`, which are the payload when put one behind
 * the other. The first is counted as the message is, the others are parts of what is counted already.
 */
export function inParts(whole: IntakeMessage, maxBytes: number): readonly IntakeMessage[] {
  const { payload, topic } = whole.message;
  if (payload.length <= maxBytes) return [whole];
  const count = Math.ceil(payload.length / maxBytes);
  return Array.from({ length: count }, (_, at) => ({
    ...whole,
    message: {
      ...whole.message,
      // Equal parts of one payload are different entries.
      topic: `${topic} (part ${at + 1} of ${count})`,
      payload: payload.subarray(at * maxBytes, (at + 1) * maxBytes),
    },
    observations: at === 0 ? whole.observations : [unreadable],
  }));
}
