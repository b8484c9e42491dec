import { type ByteSink, utf8 } from "./byte-sink.ts";
import { putDecimal } from "./decimal-text.ts";
import { numberColumn, type TableChunk, type TableColumn, type TableShape, textColumn } from "./table.ts";
import { createUtcWriter } from "./time-text.ts";

/** Puts one row of the chunk it was made for. */
type RowWriter = (sink: ByteSink, row: number) => void;
/** Says whether it put a member; what is absent is absent. */
type MemberWriter = (sink: ByteSink, row: number, isFirst: boolean) => boolean;

const point = 46;
const comma = 44;
const quote = 34;
const braces = [123, 125] as const;
const words = [utf8("false"), utf8("true")] as const;

/** Gives for a chunk what puts its rows as JSON objects: members are the columns' names, times ISO 8601 in UTC. What is absent is absent. */
export function createTableJsonRows({ columns }: TableShape): (chunk: TableChunk) => RowWriter {
  const makers = columns.map(createMember);
  return (chunk) => {
    const members = makers.map((make, at) => make(chunk, at));
    return (sink, row) => {
      sink.byte(braces[0]);
      let isFirst = true;
      for (const put of members) if (put(sink, row, isFirst)) isFirst = false;
      sink.byte(braces[1]);
    };
  };
}

function createMember({ name, type }: TableColumn): (chunk: TableChunk, at: number) => MemberWriter {
  const key = utf8(`${JSON.stringify(name)}:`);
  const putKey = (sink: ByteSink, isFirst: boolean): void => {
    if (!isFirst) sink.byte(comma);
    sink.raw(key);
  };
  if (type === "text") {
    return (chunk, at) => {
      const { keys, texts } = textColumn(chunk, at);
      const made: (Uint8Array | undefined)[] = [];
      return (sink, row, isFirst) => {
        const index = keys[row]!;
        const text = texts[index];
        if (text === undefined) return false;
        putKey(sink, isFirst);
        sink.raw((made[index] ??= utf8(JSON.stringify(text))));
        return true;
      };
    };
  }
  const putValue = createValueWriter(type);
  return (chunk, at) => {
    const values = numberColumn(chunk, at);
    return (sink, row, isFirst) => {
      const value = values[row]!;
      // JSON has no word for infinity either.
      if (!Number.isFinite(value)) return false;
      putKey(sink, isFirst);
      putValue(sink, value);
      return true;
    };
  };
}

function createValueWriter(
  type: "timestamp" | "double" | "integer" | "boolean",
): (sink: ByteSink, value: number) => void {
  if (type === "boolean") return (sink, value) => sink.raw(words[value === 0 ? 0 : 1]);
  if (type !== "timestamp") return (sink, value) => putDecimal(sink, value, point);
  const putUtc = createUtcWriter();
  return (sink, value) => {
    sink.byte(quote);
    putUtc(sink, value);
    sink.byte(quote);
  };
}
