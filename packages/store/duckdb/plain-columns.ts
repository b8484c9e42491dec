import type { Engine } from "./engine.ts";
import type { PartFile } from "./layout.ts";
import { textLiteral } from "./source-sql.ts";

/** Columns that mostly have one value in all rows: their names in the files, and what a value there says. */
const inFiles = {
  ordinal: { name: "ordinal", of: Number },
  quality: { name: "codes", of: (value: number) => value & 3 },
  checks: { name: "codes", of: (value: number) => value >> 2 },
  revision: { name: "revision", of: Number },
  intervalStart: { name: "interval_start", of: Number },
  deviceTime: { name: "device_time", of: Number },
} as const;
type PlainColumn = keyof typeof inFiles;
const plainColumns = Object.keys(inFiles) as readonly PlainColumn[];

/** Columns of a chunk that have the same value in each row; NaN where none is there. */
export type PlainValues = ReadonlyMap<PlainColumn, number>;

export const noneIsPlain: PlainValues = new Map();

/** Tells which columns need not be read and copied, as the statistics in the footer say. A file never changes, so each is asked once. */
export function createPlainColumns(
  engine: Pick<Engine, "read">,
): (file: PartFile, path: string) => Promise<PlainValues> {
  const known = new WeakMap<PartFile, Promise<PlainValues>>();

  async function ask(path: string): Promise<PlainValues> {
    const names = [...new Set(plainColumns.map((column) => inFiles[column].name))].map(textLiteral);
    const result = await engine.read(
      `SELECT path_in_schema,
         CASE WHEN bool_and(coalesce(stats_null_count = num_values, false)) THEN 'NaN'
              WHEN bool_and(coalesce(stats_null_count = 0 AND stats_min_value = stats_max_value, false))
                AND min(stats_min_value) = max(stats_min_value) THEN min(stats_min_value) END
       FROM parquet_metadata(${path}) WHERE path_in_schema IN (${names.join(", ")}) GROUP BY path_in_schema`,
    );
    const values = new Map((await result.getRows()).map(([name, value]) => [name, value] as const));
    return new Map(
      plainColumns.flatMap((column) => {
        const value = values.get(inFiles[column].name);
        return typeof value === "string" && /^(?:NaN|\d+)$/.test(value)
          ? [[column, inFiles[column].of(Number(value))] as const]
          : [];
      }),
    );
  }

  return (file, path) => {
    const asked = known.get(file) ?? ask(path);
    known.set(file, asked);
    asked.catch(() => known.delete(file));
    return asked;
  };
}

/** What is plain in all of them, with one value. */
export function commonPlain(all: readonly PlainValues[]): PlainValues {
  const [first = noneIsPlain, ...others] = all;
  return new Map([...first].filter(([column, value]) => others.every((one) => Object.is(one.get(column), value))));
}
