import type { DecodeContext, JsonValue } from "./format.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import type { SparkplugMetric } from "./sparkplug-payload.ts";

/** What a birth certificate told of a metric. */
export interface BornMetric {
  readonly name: string;
  readonly datatype: number | undefined;
  readonly unit: string | undefined;
}

/** The birth certificate in force of an edge node, or of a device of one. */
export interface Birth {
  /** `bdSeq` of the edge node's certificate: its death certificate has the same. */
  readonly session: number | null;
  /** When the edge node was born, as it says: a device's certificate holds as long as its node's. */
  readonly bornAt: number;
  metric(metric: SparkplugMetric): BornMetric | undefined;
}

type Entry = readonly [name: string, datatype: number | null, unit: string | null];

/** What is remembered of a birth: metrics by alias, where they have one, else by name. */
export function birthRecord(
  metrics: readonly SparkplugMetric[],
  of: { readonly session: number | null; readonly bornAt: number },
): JsonValue {
  const aliases: [string, Entry][] = [];
  const names: [string, Entry][] = [];
  for (const { name, alias, datatype, unit } of metrics) {
    if (name === undefined || name === "") continue;
    const entry: Entry = [name, datatype ?? null, unit ?? null];
    if (alias !== undefined && Number.isSafeInteger(alias)) aliases.push([String(alias), entry]);
    else names.push([name, entry]);
  }
  return {
    session: of.session,
    bornAt: of.bornAt,
    aliases: Object.fromEntries(aliases),
    names: Object.fromEntries(names),
  };
}

/** Undefined: no birth certificate is in force. */
export function readBirth(context: DecodeContext, key: string): Birth | undefined {
  const record = context.state?.(key);
  if (!isJsonObject(record)) return undefined;
  const { session, bornAt, aliases, names } = record;
  if (typeof bornAt !== "number" || !isJsonObject(aliases) || !isJsonObject(names)) return undefined;
  return {
    session: typeof session === "number" ? session : null,
    bornAt,
    metric({ alias, name }) {
      const byAlias = alias === undefined ? undefined : entryOf(aliases, String(alias));
      return byAlias ?? (name === undefined ? undefined : entryOf(names, name));
    },
  };
}

function entryOf(table: JsonObject, key: string): BornMetric | undefined {
  const entry = Object.hasOwn(table, key) ? table[key] : undefined;
  if (!Array.isArray(entry)) return undefined;
  const [name, datatype, unit] = entry as readonly unknown[];
  if (typeof name !== "string") return undefined;
  return {
    name,
    datatype: typeof datatype === "number" ? datatype : undefined,
    unit: typeof unit === "string" ? unit : undefined,
  };
}
