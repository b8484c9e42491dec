import {
  areAscending,
  ascendingExchanges,
  datastreamSettingsSchema,
  deviceSchema,
  exchangeSchema,
  instantSchema,
  sourceSchema,
  thingSchema,
} from "@messnetz/model";
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from "yaml";
import { z } from "zod";
import { type ImportEntry, type ImportMistake, type ImportReading, quote, refuseFile } from "./import-entry.ts";
import { operatorRecordSchema } from "./port.ts";

/** How often one anchor may be used, counted through nested ones: enough for every meter of a street, too few for a bomb. */
const maxAliases = 1_000;

const thingDeviceSchema = deviceSchema.omit({ thing: true });
const thingEntrySchema = thingSchema
  .extend({
    lat: z.number().min(-90).max(90).optional(),
    lon: z.number().min(-180).max(180).optional(),
    devices: z.array(thingDeviceSchema).optional(),
  })
  .refine(({ lat, lon }) => (lat === undefined) === (lon === undefined), "expected lat and lon together")
  .refine(
    ({ lat, location }) => lat === undefined || location === undefined,
    "expected location, or lat and lon, not both",
  );

const datastreamEntrySchema = datastreamSettingsSchema.extend({
  exchanges: z
    .array(exchangeSchema.extend({ at: instantSchema }))
    .refine(areAscending, ascendingExchanges)
    .optional(),
});

/** A town file. Secrets never stand in it: credentials get theirs when they are imported. */
const townFileSchema = z.strictObject({
  operators: z.array(operatorRecordSchema).optional(),
  things: z.array(thingEntrySchema).optional(),
  devices: z.array(deviceSchema).optional(),
  datastreams: z.array(datastreamEntrySchema).optional(),
  credentials: z.array(sourceSchema).optional(),
});
type TownFile = z.infer<typeof townFileSchema>;

/** Reads a town file; operators, things, devices, datastreams and credentials come in this order, whatever their order in the file. */
export function readYaml(text: string): ImportReading {
  const lines = new LineCounter();
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  // Unique keys are looked for below: yaml compares each key with each other one of its map.
  const document = parseDocument(text, { uniqueKeys: false, lineCounter: lines, prettyErrors: false });
  const unreadable = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    line: lineOf(pos[0]),
    message,
  }));
  if (unreadable.length > 0) return { entries: [], mistakes: unreadable };
  const keys = keyMistakes(document, lineOf);
  if (keys.length > 0) return { entries: [], mistakes: keys };

  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: maxAliases });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return refuseFile(1, `expected at most ${maxAliases} uses of anchors, came more (${error.message})`);
  }
  const at = (path: readonly PropertyKey[]): number => lineOf(offsetOf(document, path));
  const parsed = townFileSchema.safeParse(content ?? {});
  if (parsed.success) return { entries: toEntries(parsed.data, at), mistakes: [] };
  const mistakes = parsed.error.issues.map(({ path, message }) => {
    const came = path.reduce<unknown>(
      (value, step) => (value as Record<PropertyKey, unknown> | undefined)?.[step],
      content,
    );
    const shown = typeof came === "object" ? "" : `, came ${came === undefined ? "nothing" : quote(came)}`;
    return { line: at(path), message: `${path.join(".") || "the file"}: ${message}${shown}` };
  });
  return { entries: [], mistakes };
}

function toEntries(file: TownFile, at: (path: readonly PropertyKey[]) => number): readonly ImportEntry[] {
  const { operators = [], things = [], devices = [], datastreams = [], credentials = [] } = file;
  const entries: ImportEntry[] = operators.map((operator, n) => ({
    line: at(["operators", n]),
    change: { kind: "put-operator", operator },
  }));
  const inThings: ImportEntry[] = [];
  for (const [n, { lat, lon, devices: own = [], ...rest }] of things.entries()) {
    const location =
      lat === undefined || lon === undefined
        ? {}
        : { location: { type: "Point" as const, coordinates: [lon, lat] as [number, number] } };
    entries.push({ line: at(["things", n]), change: { kind: "put-thing", thing: { ...rest, ...location } } });
    for (const [m, device] of own.entries()) {
      const line = at(["things", n, "devices", m]);
      inThings.push({ line, change: { kind: "put-device", device: { ...device, thing: rest.id } } });
    }
  }
  for (const entry of inThings) entries.push(entry);
  for (const [n, device] of devices.entries())
    entries.push({ line: at(["devices", n]), change: { kind: "put-device", device } });
  for (const [n, datastream] of datastreams.entries())
    entries.push({ line: at(["datastreams", n]), change: { kind: "put-datastream", datastream } });
  for (const [n, source] of credentials.entries())
    entries.push({ line: at(["credentials", n]), change: { kind: "put-source", source } });
  return entries;
}

/** Keys that are there twice, are no words, or would reach for the prototype. */
function keyMistakes(document: Document, lineOf: (offset: number) => number): readonly ImportMistake[] {
  const mistakes: ImportMistake[] = [];
  visit(document, {
    Map(_at, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        const line = lineOf((key as Node).range?.[0] ?? 0);
        const name = isScalar(key) ? key.value : undefined;
        if (typeof name !== "string" && typeof name !== "number")
          mistakes.push({ line, message: "expected a word as key" });
        else if (name === "__proto__") mistakes.push({ line, message: "expected another key than __proto__" });
        else if (seen.has(String(name)))
          mistakes.push({ line, message: `expected the key ${quote(name)} once, came twice` });
        seen.add(String(name));
      }
    },
  });
  return mistakes;
}

/** Where the value of the path stands, or what is nearest to it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of [undefined, ...path]) {
    if (step !== undefined) {
      const holder: unknown = isAlias(node) ? node.resolve(document) : node;
      const next = isMap(holder)
        ? holder.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
        : undefined;
      node = isPair(next)
        ? (next.value ?? next.key)
        : isCollection(holder)
          ? (holder.items as unknown[])[Number(step)]
          : undefined;
    }
    const range = (node as Node | null | undefined)?.range;
    if (range === undefined || range === null) return offset;
    offset = range[0];
  }
  return offset;
}
