/** Of one row: where in `bytes` each field begins and ends, its quotes left out. */
export interface CsvRow {
  readonly bytes: Buffer;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Of how many fields. 0 for an empty line. */
  length: number;
}

const comma = 0x2c;
const newline = 0x0a;
const quote = 0x22;
const maxFields = 64;

/**
 * Splits the CSV of InfluxDB (RFC 4180 with LF) into rows, whatever parts it comes in. The row handed over is the same object each time
 * and good until the next one. A field with quotes is copied without them.
 */
export async function* splitCsv(parts: AsyncIterable<Buffer>): AsyncGenerator<Iterable<CsvRow>, void, void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const part of parts) {
    const bytes = rest.length === 0 ? part : Buffer.concat([rest, part]);
    const end = wholeRows(bytes);
    if (end > 0) yield rowsOf(bytes, end);
    rest = bytes.subarray(end);
  }
  if (rest.length > 0) yield rowsOf(Buffer.concat([rest, Buffer.from("\n")]), rest.length + 1);
}

/** Where the last whole row ends: behind a line feed outside of quotes. */
function wholeRows(bytes: Buffer): number {
  if (!bytes.includes(quote)) return bytes.lastIndexOf(newline) + 1;
  let end = 0;
  let at = 0;
  while (at < bytes.length) {
    const open = bytes.indexOf(quote, at);
    const plainEnd = open < 0 ? bytes.length : open;
    const last = bytes.subarray(at, plainEnd).lastIndexOf(newline);
    if (last >= 0) end = at + last + 1;
    if (open < 0) break;
    const close = bytes.indexOf(quote, open + 1);
    if (close < 0) break;
    // A doubled quote closes and opens again.
    at = close + 1;
  }
  return end;
}

function* rowsOf(bytes: Buffer, end: number): Generator<CsvRow, void, void> {
  const row: { -readonly [K in keyof CsvRow]: CsvRow[K] } = {
    bytes,
    starts: new Int32Array(maxFields),
    ends: new Int32Array(maxFields),
    length: 0,
  };
  const { starts, ends } = row;
  let at = 0;
  while (at < end) {
    let fields = 0;
    let start = at;
    for (let code = bytes[at]!; ; code = bytes[++at]!) {
      if (code === quote && at === start) {
        const close = closingQuote(bytes, at);
        starts[fields] = start + 1;
        ends[fields] = unquote(bytes, start + 1, close);
        at = close + 1;
        code = bytes[at]!;
      } else if (code === comma || code === newline) {
        starts[fields] = start;
        ends[fields] = at;
      } else continue;
      fields += 1;
      start = at + 1;
      if (code === newline) break;
    }
    at += 1;
    row.length = fields === 1 && starts[0] === ends[0] && bytes[at - 2] !== quote ? 0 : fields;
    yield row;
  }
}

function closingQuote(bytes: Buffer, open: number): number {
  let at = bytes.indexOf(quote, open + 1);
  while (bytes[at + 1] === quote) at = bytes.indexOf(quote, at + 2);
  return at;
}

/** Writes the field without its doubled quotes over itself; where it ends then. */
function unquote(bytes: Buffer, start: number, end: number): number {
  let to = start;
  for (let from = start; from < end; from++) {
    const code = bytes[from]!;
    bytes[to++] = code;
    if (code === quote) from += 1;
  }
  return to;
}

export function textOf({ bytes, starts, ends }: CsvRow, field: number): string {
  return bytes.toString("utf8", starts[field], ends[field]);
}

const powersOfTen = Array.from({ length: 23 }, (_, n) => 10 ** n);
const dot = 0x2e;
const minus = 0x2d;
const zero = 0x30;
/** So many digits are below 2^53; with a power of ten up to 22 their quotient is rounded once, so it is the nearest double. */
const exactDigits = 15;

/** A decimal number without an exponent; NaN for an empty field. */
export function numberOf(row: CsvRow, field: number): number {
  const { bytes, starts, ends } = row;
  const start = starts[field]!;
  const end = ends[field]!;
  if (start === end) return Number.NaN;
  const isNegative = bytes[start] === minus;
  const first = isNegative ? start + 1 : start;
  if (end - first > exactDigits) return Number(bytes.toString("latin1", start, end));
  let digits = 0;
  let point = -1;
  for (let at = first; at < end; at++) {
    const code = bytes[at]!;
    if (code === dot) point = at;
    else if (code < zero || code > zero + 9) return Number(bytes.toString("latin1", start, end));
    else digits = digits * 10 + (code - zero);
  }
  const value = point < 0 ? digits : digits / powersOfTen[end - 1 - point]!;
  return isNegative ? -value : value;
}

const nanosecondDigits = 6;

/** The milliseconds of a count of nanoseconds, rounded down. */
export function millisecondsOf(row: CsvRow, field: number): number {
  const { bytes, starts, ends } = row;
  const start = starts[field]!;
  const isNegative = bytes[start] === minus;
  const ms = digitsOf(bytes, isNegative ? start + 1 : start, ends[field]! - nanosecondDigits);
  if (!isNegative) return ms;
  return nanosecondsOf(row, field) === 0 ? 0 - ms : 0 - ms - 1;
}

/** The nanoseconds within the millisecond: 0 to 999,999. */
export function ordinalOf(row: CsvRow, field: number): number {
  const nanoseconds = nanosecondsOf(row, field);
  return nanoseconds !== 0 && row.bytes[row.starts[field]!] === minus ? 1_000_000 - nanoseconds : nanoseconds;
}

function nanosecondsOf({ bytes, starts, ends }: CsvRow, field: number): number {
  const start = starts[field]! + (bytes[starts[field]!] === minus ? 1 : 0);
  return digitsOf(bytes, Math.max(start, ends[field]! - nanosecondDigits), ends[field]!);
}

function digitsOf(bytes: Buffer, start: number, end: number): number {
  let digits = 0;
  for (let at = start; at < end; at++) digits = digits * 10 + (bytes[at]! - zero);
  return digits;
}
