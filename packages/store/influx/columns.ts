import { bitsToChecks, type Check, checks, checksToBits, type ObservationChunk } from "@messnetz/model";
import { type CsvRow, millisecondsOf, numberOf, ordinalOf, textOf } from "./csv-splitter.ts";
import { firstColumn, timeColumn } from "./influxql.ts";
import { staleBits, usual } from "./line-protocol.ts";

/** What a reading statement selects behind the time. The last column tells the statement by its name. */
export function selection(statement: number): string {
  return `checks,device_time,"interval",quality,revision,stale,state,value,received AS s${statement}`;
}
const column = {
  checks: firstColumn,
  deviceTime: firstColumn + 1,
  interval: firstColumn + 2,
  quality: firstColumn + 3,
  revision: firstColumn + 4,
  stale: firstColumn + 5,
  state: firstColumn + 6,
  value: firstColumn + 7,
  received: firstColumn + 8,
} as const;

/** Rows as they come, until they are a chunk. */
export interface ChunkBuilder {
  readonly length: number;
  /** Appends a row of the datastream; a second row of one instant takes the place of the first where its revision is higher. */
  add(datastream: string, row: CsvRow): void;
  /** What was added since the last time. Undefined where nothing was. */
  take(): ObservationChunk | undefined;
}

const bitsByText: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 1 << checks.length }, (_, bits) => [bitsToChecks(bits).join(" "), bits] as const),
);

function bitsOf(text: string): number {
  return (
    bitsByText.get(text) ?? checksToBits(text.split(" ").filter((one): one is Check => checks.includes(one as Check)))
  );
}

export function createChunkBuilder(capacity: number): ChunkBuilder {
  let datastreams: string[] = [];
  let word: (string | undefined)[] = [];
  let length = 0;
  let cells = columnsOf(capacity);

  function fill(row: number, from: CsvRow): void {
    const stale = orUsual(numberOf(from, column.stale), 0);
    const has = (field: number, bit: number): boolean => from.starts[field]! < from.ends[field]! && (stale & bit) === 0;
    const time = millisecondsOf(from, timeColumn);
    cells.phenomenonTime[row] = time;
    cells.ordinal[row] = ordinalOf(from, timeColumn);
    cells.quality[row] = orUsual(numberOf(from, column.quality), usual.quality);
    cells.resultTime[row] = numberOf(from, column.received);
    cells.revision[row] = orUsual(numberOf(from, column.revision), usual.revision);
    cells.checks[row] = has(column.checks, staleBits.checks) ? bitsOf(textOf(from, column.checks)) : 0;
    cells.deviceTime[row] = has(column.deviceTime, staleBits.device_time)
      ? numberOf(from, column.deviceTime)
      : Number.NaN;
    cells.intervalStart[row] = has(column.interval, staleBits.interval)
      ? time - numberOf(from, column.interval)
      : Number.NaN;
    if (has(column.value, staleBits.value)) {
      cells.value[row] = numberOf(from, column.value);
      if (row < word.length) word[row] = undefined;
    } else {
      // An empty word looks like none: what has no number is a word.
      cells.value[row] = Number.NaN;
      while (word.length < row) word.push(undefined);
      word[row] = textOf(from, column.state);
    }
  }

  return {
    get length() {
      return length;
    },
    add(datastream, row) {
      // A point of somebody else's.
      if (row.starts[column.received] === row.ends[column.received]) return;
      if (datastreams.at(-1) !== datastream) datastreams.push(datastream);
      const at = datastreams.length - 1;
      const last = length - 1;
      const isSame =
        last >= 0 &&
        cells.datastream[last] === at &&
        cells.phenomenonTime[last] === millisecondsOf(row, timeColumn) &&
        cells.ordinal[last] === ordinalOf(row, timeColumn);
      if (isSame) {
        if (cells.revision[last]! < orUsual(numberOf(row, column.revision), usual.revision)) fill(last, row);
        return;
      }
      cells.datastream[length] = at;
      fill(length, row);
      length += 1;
    },
    take() {
      if (length === 0) return undefined;
      const end = length;
      const chunk = {
        length: end,
        datastreams,
        datastream: cells.datastream.subarray(0, end),
        phenomenonTime: cells.phenomenonTime.subarray(0, end),
        intervalStart: cells.intervalStart.subarray(0, end),
        ordinal: cells.ordinal.subarray(0, end),
        resultTime: cells.resultTime.subarray(0, end),
        value: cells.value.subarray(0, end),
        quality: cells.quality.subarray(0, end),
        checks: cells.checks.subarray(0, end),
        revision: cells.revision.subarray(0, end),
        deviceTime: cells.deviceTime.subarray(0, end),
        ...(word.length > 0 ? { word: Object.assign(word, { length: end }) } : {}),
      };
      datastreams = [];
      word = [];
      length = 0;
      cells = columnsOf(capacity);
      return chunk;
    },
  };
}

/** What an empty field stands for. */
function orUsual(field: number, otherwise: number): number {
  return Number.isNaN(field) ? otherwise : field;
}

function columnsOf(rows: number) {
  return {
    datastream: new Uint32Array(rows),
    phenomenonTime: new Float64Array(rows),
    intervalStart: new Float64Array(rows),
    ordinal: new Uint32Array(rows),
    resultTime: new Float64Array(rows),
    value: new Float64Array(rows),
    quality: new Uint8Array(rows),
    checks: new Uint8Array(rows),
    revision: new Uint32Array(rows),
    deviceTime: new Float64Array(rows),
  };
}
