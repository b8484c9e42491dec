import type { ObservationChunk } from "@messnetz/model";
import type { WideColumn } from "./wide-table.ts";

/** Where a read of one datastream stands. */
export interface WideCursor {
  /** Of the row in hand; positive infinity behind the last one. */
  readonly time: number;
  readonly ordinal: number;
  readonly chunk: ObservationChunk;
  readonly row: number;
  /** Fetches the first row. */
  begin(): Promise<void>;
  /** Goes to the next row; false where the chunk has none: `refill` then. */
  step(): boolean;
  refill(): Promise<void>;
  close(): Promise<void>;
}

/** Opens nothing before `begin`. Rejects with a RangeError for what is not ascending, or of another datastream. */
export function openCursor({ datastream, read }: WideColumn): WideCursor {
  let iterator: AsyncIterator<ObservationChunk> | undefined;
  const cursor = {
    time: Number.NEGATIVE_INFINITY,
    ordinal: -1,
    chunk: undefined as unknown as ObservationChunk,
    row: 0,
    async begin() {
      iterator = read()[Symbol.asyncIterator]();
      await cursor.refill();
    },
    step() {
      if (cursor.row + 1 >= cursor.chunk.length) return false;
      arriveAt(cursor.row + 1);
      return true;
    },
    async refill() {
      for (;;) {
        const next = await iterator!.next();
        if (next.done === true) {
          iterator = undefined;
          cursor.time = Number.POSITIVE_INFINITY;
          return;
        }
        if (next.value.length === 0) continue;
        cursor.chunk = next.value;
        arriveAt(0);
        return;
      }
    },
    async close() {
      await iterator?.return?.();
    },
  };
  return cursor;

  function arriveAt(row: number): void {
    const { chunk } = cursor;
    const time = chunk.phenomenonTime[row]!;
    const ordinal = chunk.ordinal[row]!;
    const came = chunk.datastreams[chunk.datastream[row]!]!;
    if (came !== datastream) throw new RangeError(`expected observations of ${datastream} alone, came one of ${came}`);
    if (time < cursor.time || (time === cursor.time && ordinal <= cursor.ordinal)) {
      throw new RangeError(
        `${datastream}: expected ascending times, came ${time} (${ordinal}) after ${cursor.time} (${cursor.ordinal})`,
      );
    }
    cursor.row = row;
    cursor.time = time;
    cursor.ordinal = ordinal;
  }
}
