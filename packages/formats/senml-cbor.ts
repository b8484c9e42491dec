import { type Refusal, refusal } from "@messnetz/model";
import { type CborValue, readCbor } from "./cbor.ts";
import type { Decoded, Message, PayloadFormat } from "./format.ts";
import { maxTextBytes } from "./message.ts";
import { readPack } from "./senml.ts";

/** SenML in CBOR (RFC 8428 §6): the same records as in JSON, whose labels are numbers. */
export const senmlCbor: PayloadFormat = {
  name: "senml-cbor",
  revision: 1,
  topics: ["#"],
  specification: "https://www.rfc-editor.org/rfc/rfc8428#section-6",
  recognises: (message) => looksLikeList(message.payload) && recordsOf(message.payload) !== undefined,
  decode,
};

/** RFC 8428, table 4. */
const labels: ReadonlyMap<string, string> = new Map([
  ["-6", "bs"],
  ["-5", "bv"],
  ["-4", "bu"],
  ["-3", "bt"],
  ["-2", "bn"],
  ["-1", "bver"],
  ["0", "n"],
  ["1", "u"],
  ["2", "v"],
  ["3", "vs"],
  ["4", "vb"],
  ["5", "s"],
  ["6", "t"],
  ["7", "ut"],
  ["8", "vd"],
]);
const telling = ["bn", "n", "bver", "bt"];

/** The first byte of a CBOR list; no text in UTF-8 begins with it. */
function looksLikeList(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  return first >= 0x81 && first <= 0x9f && bytes.length <= maxTextBytes;
}

function decode(message: Message): Decoded | Refusal {
  const { payload } = message;
  if (payload.length > maxTextBytes)
    return refusal("too_large", `a payload of at most ${maxTextBytes} bytes`, `${payload.length} bytes`);
  const read = readCbor(payload);
  if ("code" in read) return read;
  const records = toRecords(read.value);
  if (records === undefined)
    return refusal("malformed", "a SenML pack, a CBOR list of maps", `${payload.length} bytes`);
  return readPack(records, { mayHaveMusts: true });
}

function recordsOf(payload: Uint8Array): readonly Record<string, unknown>[] | undefined {
  const read = readCbor(payload);
  const records = "code" in read ? undefined : toRecords(read.value);
  return records?.[0] !== undefined && telling.some((label) => records[0]![label] !== undefined) ? records : undefined;
}

function toRecords(pack: CborValue): readonly Record<string, unknown>[] | undefined {
  if (!Array.isArray(pack)) return undefined;
  const records: Record<string, unknown>[] = [];
  for (const map of pack as readonly CborValue[]) {
    if (!(map instanceof Map)) return undefined;
    const entries = [...(map as ReadonlyMap<string, CborValue>)].map(
      ([key, value]) => [labels.get(key) ?? key, value] as const,
    );
    // A data value is bytes here, text in JSON: neither is an observation.
    records.push(
      Object.fromEntries(entries.map(([label, value]) => [label, value instanceof Uint8Array ? "bytes" : value])),
    );
  }
  return records;
}
