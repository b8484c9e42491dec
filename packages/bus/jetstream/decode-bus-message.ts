import {
  type Check,
  checks as knownChecks,
  type Observation,
  parseDatastreamId,
  qualities,
  type Quality,
} from "@messnetz/model";
import { busHeaders, observationSchemaName } from "./observation-stream.ts";
import { type LedgerRows, readReceivedRows } from "./received-rows.ts";

/** What is read of a message on `observations.v1.<domain>`. */
export interface EncodedBusMessage {
  /** `get` gives an empty text where the header is absent. */
  readonly headers: { get(name: string): string };
  readonly payload: Uint8Array;
}

/** An element that is no observation. */
export interface BadElement {
  /** In the array as it was sent. */
  readonly index: number;
  readonly reason: string;
  readonly json: string;
}

export type DecodedBusMessage =
  | {
      /** Those that are right, in order. */
      readonly observations: Observation[];
      /** Their counts are those of the array as it was sent, bad elements included. */
      readonly rows: LedgerRows;
      readonly bad: readonly BadElement[];
      readonly poison?: never;
    }
  /** Nothing of it can be used: somebody else published here, or it was changed on its way. */
  | { readonly poison: string };

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Body and rows of a bus message. Never throws: what cannot be used is poison as a whole, or bad elements beside good ones. */
export function decodeBusMessage({ headers, payload }: EncodedBusMessage): DecodedBusMessage {
  const schema = headers.get(busHeaders.schema);
  if (schema !== observationSchemaName)
    return { poison: `expected the schema ${observationSchemaName}, came "${schema}"` };
  const elements = parse(payload);
  if (!Array.isArray(elements)) return { poison: `expected an array as JSON in UTF-8, came ${String(elements)}` };
  const rows = readReceivedRows(headers.get(busHeaders.messages), elements.length);
  if (typeof rows === "string") return { poison: `${busHeaders.messages}: ${rows}` };
  const observations: Observation[] = [];
  const bad: BadElement[] = [];
  for (let index = 0; index < elements.length; index++) {
    const observation = toObservation(elements[index]);
    if (typeof observation === "string")
      bad.push({ index, reason: observation, json: JSON.stringify(elements[index]) });
    else observations.push(observation);
  }
  return { observations, rows, bad };
}

/** The array, or a word about what came instead. */
function parse(payload: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(decoder.decode(payload));
    return Array.isArray(value) ? value : typeof value;
  } catch (error) {
    return String(error);
  }
}

const qualitySet: ReadonlySet<unknown> = new Set(qualities);
const checkSet: ReadonlySet<unknown> = new Set(knownChecks);
const noChecks: readonly Check[] = [];

/** The observation, or what is wrong with it. By hand: it is done for each observation, and a schema takes five times as long. */
export function toObservation(element: unknown): Observation | string {
  if (typeof element !== "object" || element === null) return "expected an object";
  const {
    datastream,
    phenomenonTime,
    intervalStart,
    ordinal = 0,
    resultTime,
    result,
    quality,
    checks = noChecks,
    revision,
    deviceTime,
  } = element as Readonly<Record<string, unknown>>;
  if (typeof datastream !== "string" || parseDatastreamId(datastream) === undefined) {
    return "datastream: expected <thing>/<property>[.<channel>]";
  }
  if (!isInteger(phenomenonTime)) return "phenomenonTime: expected milliseconds as an integer";
  if (!isInteger(resultTime)) return "resultTime: expected milliseconds as an integer";
  if (!isCount(ordinal)) return "ordinal: expected an integer of at least 0";
  if (!isCount(revision)) return "revision: expected an integer of at least 0";
  // JSON.parse makes 1e999 infinite.
  if (typeof result === "number" ? !Number.isFinite(result) : typeof result !== "string") {
    return "result: expected a finite number or a text";
  }
  if (!qualitySet.has(quality)) return `quality: expected one of ${qualities.join(", ")}`;
  if (!Array.isArray(checks) || !checks.every((check) => checkSet.has(check))) {
    return `checks: expected a list of ${knownChecks.join(", ")}`;
  }
  if (intervalStart !== undefined && !isInteger(intervalStart))
    return "intervalStart: expected milliseconds as an integer";
  if (deviceTime !== undefined && !isInteger(deviceTime)) return "deviceTime: expected milliseconds as an integer";
  return {
    datastream,
    phenomenonTime,
    ordinal,
    resultTime,
    result: result as number | string,
    quality: quality as Quality,
    checks: checks as readonly Check[],
    revision,
    ...(intervalStart === undefined ? undefined : { intervalStart }),
    ...(deviceTime === undefined ? undefined : { deviceTime }),
  };
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isCount(value: unknown): value is number {
  return isInteger(value) && value >= 0;
}
