import { type Cell, type Table, tableOfRows, type TableColumn } from "@messnetz/exports";
import { type Catalogue, parseDatastreamId } from "@messnetz/model";
import type { AggregateRow } from "./aggregate-rows.ts";
import { type AggregateName, describeDatastream } from "./aggregate-values.ts";

type Values = Pick<AggregateRow, "window" | "from" | "to"> & Partial<AggregateRow>;
type Column = TableColumn & { readonly of: (values: Values) => Cell };

const time = (text: string | undefined): Cell => (text === undefined ? undefined : Date.parse(text));

const windowColumns: readonly Column[] = [
  { name: "window", type: "text", label: { de: "Zeitraum", en: "Window" }, of: ({ window }) => window },
  { name: "from", type: "timestamp", label: { de: "Von", en: "From" }, of: ({ from }) => time(from) },
  {
    name: "to",
    type: "timestamp",
    label: { de: "Bis", en: "To" },
    description: "Not included.",
    of: ({ to }) => time(to),
  },
];

const completeness: readonly Column[] = [
  {
    name: "count",
    type: "integer",
    label: { de: "Werte", en: "Count" },
    description: "Good and suspect observations: what the row is of.",
    of: ({ count }) => count,
  },
  {
    name: "expected",
    type: "double",
    label: { de: "Erwartet", en: "Expected" },
    description: "How many observations the rhythm of the datastream lets expect.",
    of: ({ expected }) => expected,
  },
  {
    name: "covered",
    type: "double",
    label: { de: "Abdeckung", en: "Covered" },
    description: "Share of the time for which a value is known, 0 to 1.",
    of: ({ covered }) => covered,
  },
  {
    name: "complete",
    type: "boolean",
    label: { de: "Vollständig", en: "Complete" },
    description: "Whether enough of the window is known to be taken for the whole.",
    of: ({ complete }) => complete,
  },
  { name: "suspect", type: "double", label: { de: "Verdächtig", en: "Suspect" }, of: ({ suspect }) => suspect },
  { name: "bad", type: "double", label: { de: "Schlecht", en: "Bad" }, of: ({ bad }) => bad },
];

const number = (name: "sum" | "mean" | "consumption", de: string, en: string): Column => ({
  name,
  type: "double",
  label: { de, en },
  of: (values) => values[name],
});
const timed = (name: "min" | "max" | "first" | "last", de: string, en: string): readonly Column[] => [
  { name, type: "double", label: { de, en }, of: (values) => values[name] },
  {
    name: `${name}_time`,
    type: "timestamp",
    label: { de: `${de}, Zeit`, en: `${en}, time` },
    of: (values) => time(values[`${name}Time`]),
  },
];

const columnsOf: Readonly<Record<AggregateName, readonly Column[]>> = {
  sum: [number("sum", "Summe", "Sum")],
  mean: [number("mean", "Mittel", "Mean")],
  min: timed("min", "Minimum", "Minimum"),
  max: timed("max", "Maximum", "Maximum"),
  first: timed("first", "Erster Wert", "First"),
  last: timed("last", "Letzter Wert", "Last"),
  integral: [
    { name: "integral", type: "double", label: { de: "Integral", en: "Integral" }, of: ({ integral }) => integral },
    {
      name: "integral_unit",
      type: "text",
      label: { de: "Einheit des Integrals", en: "Unit of the integral" },
      description: "UCUM.",
      of: ({ integralUnit }) => integralUnit,
    },
  ],
  consumption: [
    number("consumption", "Verbrauch", "Consumption"),
    {
      name: "begin_reading",
      type: "double",
      label: { de: "Stand am Anfang", en: "Reading at begin" },
      of: ({ beginReading }) => beginReading,
    },
    { name: "begin", type: "text", label: { de: "Anfang", en: "Begin" }, of: ({ begin }) => begin },
    {
      name: "end_reading",
      type: "double",
      label: { de: "Stand am Ende", en: "Reading at end" },
      of: ({ endReading }) => endReading,
    },
    { name: "end", type: "text", label: { de: "Ende", en: "End" }, of: ({ end }) => end },
  ],
  states: [
    {
      name: "states",
      type: "text",
      label: { de: "Zustände", en: "States" },
      description: "Share of the known time that each state was held, as a JSON object.",
      of: ({ states }) => states && JSON.stringify(states),
    },
  ],
  events: [
    {
      name: "events",
      type: "text",
      label: { de: "Ereignisse des Zählwerks", en: "Events of the register" },
      description: "What the register did other than grow: kind and time, with semicolons between.",
      of: ({ events }) => events?.map(({ kind, time: at }) => `${kind} ${at}`).join("; "),
    },
  ],
};

export interface AggregateTableOptions {
  readonly catalogue: Catalogue;
  /** Of which the rows are. */
  readonly datastreams: readonly string[];
  /** Undefined: the usual ones of the kinds that are among them. */
  readonly names: readonly AggregateName[] | undefined;
  /** With the columns of an earlier period, named `compared_…`. */
  readonly shows: "windows" | "windows-and-compared";
}

/** The rows as a table for any file format. */
export function aggregateTable(rows: AsyncIterable<AggregateRow>, options: AggregateTableOptions): Table {
  const { catalogue, datastreams, shows } = options;
  const wanted = new Set(
    options.names ?? datastreams.flatMap((id) => describeDatastream(id, { catalogue, names: undefined }).names),
  );
  const names = Object.keys(columnsOf).filter((name) => wanted.has(name as AggregateName)) as AggregateName[];
  const values = [...windowColumns, ...completeness, ...names.flatMap((name) => columnsOf[name])];
  const compared = shows === "windows" ? [] : values;
  const words: readonly TableColumn[] = [
    { name: "datastream", type: "text", presence: "required", label: { de: "Datenreihe", en: "Datastream" } },
    { name: "thing", type: "text", presence: "required", label: { de: "Messstelle", en: "Thing" } },
    { name: "property", type: "text", presence: "required", label: { de: "Messgröße", en: "Observed property" } },
    { name: "channel", type: "text", label: { de: "Kanal", en: "Channel" } },
    { name: "unit", type: "text", label: { de: "Einheit", en: "Unit" }, description: "UCUM." },
  ];
  const columns = [
    ...words,
    ...values.map(({ of: _of, ...column }) => column),
    ...compared.map(({ of: _of, name, label, ...column }) => ({
      ...column,
      name: `compared_${name}`,
      ...(label && { label: { de: `${label.de} (Vergleich)`, en: `${label.en} (compared)` } }),
    })),
  ];
  return tableOfRows({ name: "aggregates", columns }, cells());

  async function* cells(): AsyncGenerator<readonly Cell[]> {
    for await (const row of rows) {
      const { thing, property, channel } = parseDatastreamId(row.datastream) ?? {};
      const earlier = row.compared;
      yield [
        row.datastream,
        thing ?? "",
        property ?? "",
        channel,
        row.unit,
        ...values.map(({ of: cell }) => cell(row)),
        ...compared.map(({ of: cell }) => (earlier === undefined ? undefined : cell(earlier))),
      ];
    }
  }
}
