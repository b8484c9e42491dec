import type { Catalogue } from "@messnetz/model";
import { checkEntries } from "./import-check.ts";
import { readCsv } from "./import-csv.ts";
import type { ImportEntry, ImportMistake } from "./import-entry.ts";
import { readText } from "./import-text.ts";
import { readYaml } from "./import-yaml.ts";
import type { IssuedCredential, Registry } from "./port.ts";

/** Formats of files of things: a town with everything (YAML), or a spreadsheet of things and devices (CSV). */
export type ImportKind = "yaml" | "csv";

export interface ImportOptions {
  readonly kind: ImportKind;
  readonly registry: Registry;
  /** What may be measured: `fields` name its properties. */
  readonly catalogue: Catalogue;
  /** Names of the device profiles (`<maker>/<model>`) that devices may have. Absent: any name is taken. */
  readonly profiles?: ReadonlySet<string>;
  /** The only operator that the import may touch, and the one of a table that names none. Absent: any. */
  readonly operator?: string;
}

export interface ImportCounts {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
}

export type ImportOutcome =
  | {
      readonly kind: "applied";
      readonly operators: ImportCounts;
      readonly things: ImportCounts;
      readonly devices: ImportCounts;
      readonly datastreams: ImportCounts;
      readonly credentials: ImportCounts;
      /** The secrets of credentials that are new, to be shown once. */
      readonly issued: readonly IssuedCredential[];
    }
  /** Nothing was applied. By line, at most 1,000; `more` counts the rest. */
  | { readonly kind: "refused"; readonly mistakes: readonly ImportMistake[]; readonly more: number };

/** A town of 30,000 things has 3 MB and takes 3 s to read; YAML is slow, tables are not. */
const maxBytes: Readonly<Record<ImportKind, number>> = { yaml: 4 * 2 ** 20, csv: 32 * 2 ** 20 };
const maxMistakes = 1_000;

/**
 * Puts what the file says into the registry: all of it, or nothing and every mistake with its line. The same file twice changes nothing. What
 * the file does not name stays.
 */
export async function importTown(input: Uint8Array | string, options: ImportOptions): Promise<ImportOutcome> {
  const { kind, registry, catalogue, profiles, operator } = options;
  const read = readText(input, maxBytes[kind]);
  if ("mistake" in read) return refuse([read.mistake]);
  const { entries, mistakes } = kind === "yaml" ? readYaml(read.text) : readCsv(read.text, operator);
  if (mistakes.length > 0) return refuse(mistakes);
  const wrong = checkEntries(entries, { registry, catalogue, profiles, operator });
  if (wrong.length > 0) return refuse(wrong);

  const before = entries.map((entry) => current(registry, entry));
  const issued = await registry.apply(entries.map(({ change }) => change));
  const count = (changeKind: ImportEntry["change"]["kind"]): ImportCounts => {
    const counts = { added: 0, changed: 0, unchanged: 0 };
    for (const [n, entry] of entries.entries()) {
      if (entry.change.kind !== changeKind) continue;
      if (before[n] === undefined) counts.added++;
      // A document that did not change is the same object.
      else if (before[n] === current(registry, entry)) counts.unchanged++;
      else counts.changed++;
    }
    return counts;
  };
  return {
    kind: "applied",
    operators: count("put-operator"),
    things: count("put-thing"),
    devices: count("put-device"),
    datastreams: count("put-datastream"),
    credentials: count("put-source"),
    issued,
  };
}

function refuse(mistakes: readonly ImportMistake[]): ImportOutcome {
  const sorted = mistakes.toSorted((a, b) => a.line - b.line);
  return { kind: "refused", mistakes: sorted.slice(0, maxMistakes), more: Math.max(0, sorted.length - maxMistakes) };
}

function current(registry: Registry, { change }: ImportEntry): unknown {
  if (change.kind === "put-thing") return registry.thing(change.thing.id);
  if (change.kind === "put-device") return registry.device(change.device.id)?.device;
  if (change.kind === "put-datastream") return registry.datastream(change.datastream.id);
  return change.kind === "put-source" ? registry.source(change.source.id) : registry.operator(change.operator.id);
}
