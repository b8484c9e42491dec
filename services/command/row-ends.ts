const lineFeed = 10;
const quote = 34;
/** So many of the last rows are known: more results of one datastream for one instant hardly come. */
const remembered = 64;

/** Where the rows of a file end that comes piece by piece. */
export interface RowEnds {
  add(piece: Uint8Array): void;
  /** The file was cut at the end of a row. */
  cut(offset: number): void;
  /** Rows that came whole, a header among them. */
  readonly rows: number;
  /** Offsets in the file where the last of them end, ascending. */
  readonly ends: readonly number[];
}

/** `quoted`: a line feed between quotes is part of a cell (RFC 4180). */
export function createRowEnds(cells: "quoted" | "plain"): RowEnds {
  let at = 0;
  let rows = 0;
  let isQuoted = false;
  let ends: number[] = [];
  return {
    add(piece) {
      for (let i = 0; i < piece.length; i++) {
        const byte = piece[i];
        if (byte === quote && cells === "quoted") isQuoted = !isQuoted;
        else if (byte === lineFeed && !isQuoted) {
          rows++;
          if (ends.push(at + i + 1) > 2 * remembered) ends = ends.slice(remembered);
        }
      }
      at += piece.length;
    },
    cut(offset) {
      const kept = ends.filter((end) => end <= offset);
      rows = offset === 0 ? 0 : rows - (ends.length - kept.length);
      ends = kept;
      at = offset;
      isQuoted = false;
    },
    get rows() {
      return rows;
    },
    get ends() {
      return ends;
    },
  };
}
