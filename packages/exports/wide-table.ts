import { type Catalogue, type ObservationChunk, qualities } from "@messnetz/model";
import { propertyName, wordsOf } from "./datastream-words.ts";
import type { ExportLanguage } from "./export-format.ts";
import type { Table, TableChunk, TableColumn, TableShape } from "./table.ts";
import { openCursor, type WideCursor } from "./wide-cursor.ts";
import { createWideRows, wideChunkRows } from "./wide-rows.ts";

/** Each column is a read of its own that stays open, and a spreadsheet reader follows no more anyway. */
export const maxWideColumns = 200;

/** One column of results of a wide table. */
export interface WideColumn {
  readonly datastream: string;
  /**
   * The observations of this datastream alone, ascending by (phenomenonTime, ordinal), as a store gives them. Called once, when the first
   * row is asked for; what it gives is closed when the table's reader stops. What must not be in the table (quality `bad`) is left out here.
   */
  read(): AsyncIterable<ObservationChunk>;
}

export interface WideOptions {
  readonly catalogue: Catalogue;
  /** `result` (default): a column for each datastream. `result-and-quality`: beside each its quality, `<datastream> quality`. */
  readonly show?: "result" | "result-and-quality";
}

/**
 * One row for each instant at which any of the datastreams has an observation, ascending: `phenomenon_time`, then a column for each
 * datastream, named by its id, with its unit. Two results of a datastream for one instant (ordinals) make two rows. One chunk of each
 * datastream is in memory. Throws a RangeError for no datastream, more than `maxWideColumns`, or one named twice; reading rejects with one
 * for a read that is not ascending or gives another datastream.
 */
export function wideTable(columns: readonly WideColumn[], options: WideOptions): Table {
  const names = columns.map(({ datastream }) => datastream);
  if (names.length === 0 || names.length > maxWideColumns) {
    throw new RangeError(
      `a wide table: expected 1 to ${maxWideColumns} datastreams, came ${names.length}: choose the long shape`,
    );
  }
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new RangeError(`a wide table: expected each datastream once, came ${twice} twice`);
  const shown = names.map((datastream) => describe(datastream, options));
  const shape: TableShape = {
    name: "observations",
    columns: [
      { name: "phenomenon_time", type: "timestamp", presence: "required", label: { de: "Zeit", en: "Time" } },
      ...shown.flatMap(({ result, quality }) => (quality === undefined ? [result] : [result, quality])),
    ],
  };
  return { shape, chunks: merge(columns, shown) };
}

interface ShownColumns {
  readonly result: TableColumn;
  readonly quality: TableColumn | undefined;
}

function describe(datastream: string, { catalogue, show }: WideOptions): ShownColumns {
  const { thing, property, channel, unit } = wordsOf(datastream, catalogue);
  const label = (language: ExportLanguage): string =>
    [thing, propertyName(property, catalogue, language), ...(channel === undefined ? [] : [channel])].join(" ");
  const labels = { de: label("de"), en: label("en") };
  const isWord = catalogue.get(property)?.kind === "state";
  return {
    result: {
      name: datastream,
      type: isWord ? "text" : "double",
      label: labels,
      ...(isWord || unit === "" ? {} : { unit }),
    },
    quality:
      show === "result-and-quality"
        ? {
            name: `${datastream} quality`,
            type: "text",
            label: { de: `${labels.de}: Güte`, en: `${labels.en}: quality` },
            description: qualities.join(", "),
          }
        : undefined,
  };
}

/** Closes all cursors in any case. */
async function* merge(columns: readonly WideColumn[], shown: readonly ShownColumns[]): AsyncIterable<TableChunk> {
  await using closing = new AsyncDisposableStack();
  const cursors = columns.map((column) => closing.adopt(openCursor(column), async (cursor) => cursor.close()));
  for (const cursor of cursors) await cursor.begin();
  yield* mergeRows(cursors, shown);
}

/** The row in hand is the least (time, ordinal) of all cursors: looking at each costs no more than writing its cell. */
async function* mergeRows(cursors: readonly WideCursor[], shown: readonly ShownColumns[]): AsyncIterable<TableChunk> {
  let rows = createWideRows(shown);
  for (;;) {
    let time = Number.POSITIVE_INFINITY;
    let ordinal = 0;
    for (const cursor of cursors) {
      if (cursor.time > time || (cursor.time === time && cursor.ordinal >= ordinal)) continue;
      ({ time, ordinal } = cursor);
    }
    if (time === Number.POSITIVE_INFINITY) break;
    rows.begin(time);
    for (let at = 0; at < cursors.length; at++) {
      const cursor = cursors[at]!;
      if (cursor.time !== time || cursor.ordinal !== ordinal) continue;
      rows.put(at, cursor);
      // Nothing is awaited where the chunk in hand has a next row.
      if (!cursor.step()) await cursor.refill();
    }
    if (rows.length < wideChunkRows) continue;
    yield rows.take();
    rows = createWideRows(shown);
  }
  if (rows.length > 0) yield rows.take();
}
