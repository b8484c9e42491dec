import type { EpochMs } from "@messnetz/model";
import { z } from "zod";
import { topicMistake } from "./read-target.ts";

/** A message that an item of a batch describes. */
export interface ItemMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** When whoever kept it received it; absent: now. */
  readonly receivedAt?: EpochMs;
}

/** Earlier, no device of a town had a clock and a network; it is what readings are held to as well. */
const earliest = Date.parse("2000-01-02T00:00:00Z");
/** Clocks of gateways are kept by NTP, more or less. */
const maxAheadMs = 60_000;

const payloadNames = ["payload", "payloadBase64"] as const;

const itemSchema = z
  .strictObject({
    topic: z.string(),
    payload: z.unknown().optional(),
    payloadBase64: z.base64().optional(),
    receivedAt: z.iso.datetime({ offset: true }).optional(),
  })
  .refine((item) => payloadNames.filter((name) => Object.hasOwn(item, name)).length === 1, {
    error: "expected one of payload (JSON; a text stands for itself) and payloadBase64",
  });

/** The message, or what was expected and what came. */
export function readItem(
  bytes: Buffer,
  now: EpochMs,
): ItemMessage | { readonly expected: string; readonly came: string } {
  const text = bytes.toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return mistake(`JSON: ${error instanceof Error ? error.message : String(error)}`, text);
  }
  const read = itemSchema.safeParse(value);
  if (!read.success) {
    const said = read.error.issues.map(({ path, message }) =>
      path.length === 0 ? message : `${path.join(".")}: ${message}`,
    );
    return mistake(
      `{"topic", "payload" or "payloadBase64", "receivedAt"?}: ${said.join("; ").replaceAll("Invalid input: ", "")}`,
      text,
    );
  }
  const { topic, payload, payloadBase64, receivedAt } = read.data;
  const wrong = topicMistake(topic);
  if (wrong !== undefined) return mistake(wrong.replace(/^expected /, ""), topic);
  const at = receivedAt === undefined ? undefined : Date.parse(receivedAt);
  if (at !== undefined && !(at >= earliest && at <= now + maxAheadMs))
    return mistake("receivedAt from 2000-01-02 to now", receivedAt!);
  try {
    const content = payloadBase64 === undefined ? Buffer.from(textOf(payload)) : Buffer.from(payloadBase64, "base64");
    return { topic, payload: content, ...(at !== undefined && { receivedAt: at }) };
  } catch (error) {
    // JSON.parse goes deeper than JSON.stringify.
    if (error instanceof RangeError) return mistake("a payload that is less deep", text);
    throw error;
  }
}

function textOf(payload: unknown): string {
  return typeof payload === "string" ? payload : JSON.stringify(payload);
}

const cameLength = 100;

function mistake(expected: string, came: string): { readonly expected: string; readonly came: string } {
  return { expected, came: came.length > cameLength ? `${came.slice(0, cameLength - 1)}…` : came };
}
