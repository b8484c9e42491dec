import { bitsToChecks, checks, type ObservationChunk, qualities } from "@messnetz/model";
import { createDatastreamCache, type DatastreamWords, propertyName, wordsOf } from "./datastream-words.ts";
import { exportColumns, type ExportOptions } from "./export-format.ts";
import type { Table, TableChunk, TableColumn, TableShape, TextColumn } from "./table.ts";
import { unitSymbol } from "./unit-symbol.ts";

type ColumnName = (typeof exportColumns)[number];

const described: Readonly<Record<ColumnName, Omit<TableColumn, "name">>> = {
  datastream: { type: "text", presence: "required", label: { de: "Datenreihe", en: "Datastream" } },
  thing: { type: "text", presence: "required", label: { de: "Messstelle", en: "Thing" } },
  property: { type: "text", presence: "required", label: { de: "Messgröße", en: "Observed property" } },
  channel: { type: "text", label: { de: "Kanal", en: "Channel" } },
  phenomenon_time: {
    type: "timestamp",
    presence: "required",
    label: { de: "Zeit", en: "Time" },
    description: "When it was so; of an amount the end of its interval.",
  },
  interval_start: {
    type: "timestamp",
    label: { de: "Intervallbeginn", en: "Interval start" },
    description: "Of an amount: the begin of its interval.",
  },
  result: {
    type: "double",
    label: { de: "Messwert", en: "Result" },
    description: "In the unit beside it; absent where the result is a word.",
  },
  state: { type: "text", label: { de: "Zustand", en: "State" }, description: "Where the result is a word." },
  unit: {
    type: "text",
    presence: "required",
    label: { de: "Einheit", en: "Unit" },
    description: "UCUM.",
    shown: (unit) => unitSymbol(unit),
  },
  quality: {
    type: "text",
    presence: "required",
    label: { de: "Güte", en: "Quality" },
    description: qualities.join(", "),
  },
  checks: {
    type: "text",
    presence: "required",
    label: { de: "Auffälligkeiten", en: "Checks" },
    description: "Names of the checks that marked the quality, with spaces between.",
  },
  result_time: {
    type: "timestamp",
    presence: "required",
    label: { de: "Empfangen", en: "Received" },
    clock: "utc",
    description: "When it was received.",
  },
};

const verdictCount = qualities.length << checks.length;
const qualityTexts = Array.from({ length: verdictCount }, (_, verdict) => qualities[verdict >>> checks.length]!);
const checkTexts = Array.from({ length: verdictCount }, (_, verdict) =>
  bitsToChecks(verdict & ((1 << checks.length) - 1)).join(" "),
);

/** Raw observations in long shape: a row for each, columns as `exportColumns`. */
export function observationTable(chunks: AsyncIterable<ObservationChunk>, options: ExportOptions): Table {
  const { catalogue } = options;
  const units = new Map<string, string>();
  const wordsOfAll = createDatastreamCache((id) => {
    const words = wordsOf(id, catalogue);
    units.set(words.property, words.unit);
    return words;
  });
  return {
    shape: observationShape(options),
    chunks: (async function* () {
      for await (const chunk of chunks) yield toTableChunk(chunk, wordsOfAll(chunk.datastreams));
    })(),
    closingFacts: () => ({ "messnetz.units": JSON.stringify(Object.fromEntries(units)) }),
  };
}

function observationShape({ property, catalogue }: ExportOptions): TableShape {
  const only = property === undefined ? undefined : catalogue.get(property);
  const ofOne = only === undefined ? {} : { label: only.name, unit: only.unit };
  return {
    name: "observations",
    columns: exportColumns.map((name) => ({
      name,
      ...described[name],
      ...(name === "result" ? ofOne : {}),
      ...(name === "property" ? { shown: (key, language) => propertyName(key, catalogue, language) } : {}),
    })),
  };
}

function toTableChunk(chunk: ObservationChunk, words: readonly DatastreamWords[]): TableChunk {
  const { length, datastream: keys } = chunk;
  const verdicts = new Uint8Array(length);
  for (let row = 0; row < length; row++) verdicts[row] = (chunk.quality[row]! << checks.length) | chunk.checks[row]!;
  return {
    length,
    columns: [
      { keys, texts: chunk.datastreams },
      { keys, texts: words.map(({ thing }) => thing) },
      { keys, texts: words.map(({ property }) => property) },
      { keys, texts: words.map(({ channel }) => channel) },
      chunk.phenomenonTime,
      chunk.intervalStart,
      chunk.value,
      states(chunk),
      { keys, texts: words.map(({ unit }) => unit) },
      { keys: verdicts, texts: qualityTexts },
      { keys: verdicts, texts: checkTexts },
      chunk.resultTime,
    ],
  };
}

/** A word is a text of its own each; most chunks have none, or few different ones. */
function states({ length, word }: ObservationChunk): TextColumn {
  if (word === undefined) return { keys: new Uint8Array(length), texts: [undefined] };
  const keys = new Uint32Array(length);
  const texts: (string | undefined)[] = [undefined];
  const known = new Map<string, number>();
  for (let row = 0; row < length; row++) {
    const text = word[row];
    if (text === undefined) continue;
    const key = known.get(text) ?? texts.push(text) - 1;
    known.set(text, key);
    keys[row] = key;
  }
  return { keys, texts };
}
