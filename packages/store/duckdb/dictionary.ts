import type { DuckDBConnection } from "@duckdb/node-api";
import { columns } from "./column.ts";
import { createTableWriter } from "./table-writer.ts";

/** Names and their numbers, all in memory; new ones become rows of the same commit as what uses them. */
export interface Dictionary {
  /** Its number; a new one for a new name. */
  idOf(name: string): number;
  find(name: string): number | undefined;
  nameOf(id: number): string;
  readonly names: readonly string[];
  /** Inside the transaction. */
  append(): void;
  settle(): void;
  close(): void;
}

export async function openDictionary(writer: DuckDBConnection, table: string): Promise<Dictionary> {
  const names: string[] = [];
  const ids = new Map<string, number>();
  for (const [id, name] of (await writer.runAndReadAll(`SELECT id, name FROM ${table}`)).getRows()) {
    names[Number(id)] = String(name);
    ids.set(String(name), Number(id));
  }
  const staged = await createTableWriter(writer, table, { id: columns.int32(), name: columns.text() });

  function idOf(name: string): number {
    const known = ids.get(name);
    if (known !== undefined) return known;
    if (!name.isWellFormed()) {
      const id = idOf(name.toWellFormed());
      ids.set(name, id);
      return id;
    }
    const id = names.push(name) - 1;
    ids.set(name, id);
    const row = staged.addRow();
    staged.columns.id.set(row, id);
    staged.columns.name.set(row, name);
    return id;
  }

  return {
    names,
    idOf,
    find: (name) => ids.get(name),
    nameOf(id) {
      const name = names[id];
      if (name === undefined)
        throw new Error(`expected a name for number ${id} of ${table}, there are ${names.length}`);
      return name;
    },
    append: staged.append,
    settle: staged.clear,
    close: staged.close,
  };
}

/** A condition, where names are given, that the column has the number of one of them. */
export function oneOf(column: string, names: readonly string[] | undefined, dictionary: Dictionary): string[] {
  if (names === undefined) return [];
  const ids = names.flatMap((name) => dictionary.find(name) ?? []);
  return [ids.length === 0 ? "false" : `${column} IN (${ids.join(",")})`];
}
