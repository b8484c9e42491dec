import { type ReceivedRow, rowFlags } from "@messnetz/model";
import { z } from "zod";

const allFlags = Object.values(rowFlags).reduce((sum, flag) => sum | flag, 0);

export type LedgerRows = readonly ReceivedRow[];

/** A day is a token of the ledger's subjects. */
const calendarDay = /^\d{4}-\d{2}-\d{2}$/;

/** Day, source, device, observations, flags. */
const rowNumbers = 5;

/** The header's form: rows name days, sources and devices by their index. */
export const receivedRowsSchema = z.strictObject({
  days: z.array(z.string().regex(calendarDay)).describe("Days of receipt in the town's time zone, YYYY-MM-DD."),
  sources: z.array(z.string()).describe("Ids of the credentials that brought the messages."),
  devices: z.array(z.string()).describe("External ids of the devices; empty where none could be read."),
  rows: z
    .array(z.array(z.int().min(0)).length(rowNumbers))
    .describe(
      "One row for each received message, in order: [day, source, device, observations, flags]. The first three are indexes; observations " +
        "is how many elements of the array are its, and their sum is the array's length; flags: 1 seen before, 2 partly in the quarantine, " +
        "4 the quarantine was full, 8 in the quarantine before, 16 further part of the message before.",
    ),
});

export interface RowsHeader {
  /** Bytes of the header's value as it would be now. */
  bytes(): number;
  /** What the row would add at most. */
  costOf(row: ReceivedRow): number;
  add(row: ReceivedRow): void;
  count(): number;
  text(): string;
}

const punctuationBytes = 60;
/** Five numbers, commas, brackets. */
const rowBytes = 40;

export function createRowsHeader(): RowsHeader {
  const days = createIndex();
  const sources = createIndex();
  const devices = createIndex();
  const rows: string[] = [];
  const listBytes = (): number => days.bytes() + sources.bytes() + devices.bytes();

  return {
    bytes: () => punctuationBytes + listBytes() + rows.length * rowBytes,
    costOf: ({ day, source, device }) => rowBytes + days.costOf(day) + sources.costOf(source) + devices.costOf(device),
    add({ day, source, device, observations, flags }) {
      rows.push(`[${days.of(day)},${sources.of(source)},${devices.of(device)},${observations},${flags}]`);
    },
    count: () => rows.length,
    text: () =>
      `{"days":[${days.text()}],"sources":[${sources.text()}],"devices":[${devices.text()}],"rows":[${rows.join(",")}]}`,
  };
}

interface Index {
  of(value: string): number;
  costOf(value: string): number;
  bytes(): number;
  text(): string;
}

function createIndex(): Index {
  const places = new Map<string, number>();
  const texts: string[] = [];
  let bytes = 0;
  return {
    of(value) {
      const known = places.get(value);
      if (known !== undefined) return known;
      const text = toAscii(value);
      places.set(value, texts.length);
      bytes += text.length + 1;
      return texts.push(text) - 1;
    },
    costOf: (value) => (places.has(value) ? 0 : toAscii(value).length + 1),
    bytes: () => bytes,
    text: () => texts.join(","),
  };
}

const plainAscii = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** JSON in ASCII: headers are told apart by bytes, and many tools show them as Latin-1. */
function toAscii(value: string): string {
  if (plainAscii.test(value)) return `"${value}"`;
  // A lone surrogate is already escaped by JSON.stringify.
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The rows of a header, or what is wrong with it. By hand: a schema takes longer for them than all else that a message needs. */
export function readReceivedRows(header: string, observations: number): LedgerRows | string {
  let value: unknown;
  try {
    value = JSON.parse(header);
  } catch (error) {
    return `expected JSON in the header, came: ${String(error)}`;
  }
  if (!isRowsHeader(value)) return `expected rows in the header, came: ${explainRows(value)}`;
  const { days, sources, devices } = value;
  const rows: ReceivedRow[] = [];
  let sum = 0;
  for (const [d, s, v, count, flags] of value.rows) {
    const day = days[d];
    const source = sources[s];
    const device = devices[v];
    if (day === undefined || source === undefined || device === undefined)
      return "expected indexes within the header's lists";
    if ((flags & ~allFlags) !== 0) return `expected flags up to ${allFlags}, came ${flags}`;
    rows.push({ day, source, device, observations: count, flags });
    sum += count;
  }
  return sum === observations ? rows : `expected ${sum} observations as the rows say, came ${observations}`;
}

interface ParsedHeader {
  readonly days: readonly string[];
  readonly sources: readonly string[];
  readonly devices: readonly string[];
  readonly rows: readonly (readonly [number, number, number, number, number])[];
}

const headerKeys = 4;

/** The same as `receivedRowsSchema`. */
function isRowsHeader(value: unknown): value is ParsedHeader {
  if (typeof value !== "object" || value === null || Object.keys(value).length !== headerKeys) return false;
  const { days, sources, devices, rows } = value as Readonly<Record<string, unknown>>;
  return (
    isListOf(days, (day) => typeof day === "string" && calendarDay.test(day)) &&
    isListOf(sources, isText) &&
    isListOf(devices, isText) &&
    isListOf(rows, isRow)
  );
}

function isListOf(value: unknown, isOne: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isRow(value: unknown): boolean {
  return Array.isArray(value) && value.length === rowNumbers && value.every(isCount);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Also where the schema would let it pass: then the two are not the same any more. */
function explainRows(value: unknown): string {
  const { error } = receivedRowsSchema.safeParse(value);
  return error === undefined ? "what only the schema knows" : z.prettifyError(error);
}
