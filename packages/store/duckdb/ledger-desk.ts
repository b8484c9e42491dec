import type { DuckDBConnection } from "@duckdb/node-api";
import { type IntakeMessage, type Outcome, outcomes } from "@messnetz/model";
import { TallySheet } from "../ledger-tally.ts";
import { columns } from "./column.ts";
import type { Desk } from "./desk.ts";
import type { Dictionary } from "./dictionary.ts";
import { createTableWriter } from "./table-writer.ts";

export interface LedgerDesk extends Desk {
  count(message: IntakeMessage, outcome: Outcome, observations: number): void;
  /** Durable rows. */
  rows(): number;
  /** Adds up the differences when there are many; in a transaction of its own. */
  fold(): Promise<void>;
}

interface Parts {
  readonly writer: DuckDBConnection;
  readonly sources: Dictionary;
  readonly devices: Dictionary;
}

/** Differences are added up when there are this many, and as many as there were sums. */
const foldAtRows = 250_000;
const dayMs = 86_400_000;

export async function createLedgerDesk({ writer, sources, devices }: Parts): Promise<LedgerDesk> {
  const table = await createTableWriter(writer, "ledger", {
    day: columns.date(),
    source: columns.int32(),
    device: columns.int32(),
    stored: columns.uint32(),
    partial: columns.uint32(),
    skipped: columns.uint32(),
    duplicate: columns.uint32(),
    quarantined: columns.uint32(),
    refused: columns.uint32(),
    observations: columns.uint32(),
  });
  let sheet = new TallySheet();
  let rows = await countRows();
  let sums = rows;

  async function countRows(): Promise<number> {
    return Number((await writer.runAndReadAll("SELECT count(*) FROM ledger")).getRows()[0]?.[0]);
  }

  return {
    count(message, outcome, observations) {
      sheet.count(message, outcome, observations);
    },

    rows: () => rows,

    append() {
      for (const { source, device, day, counts } of sheet.tallies()) {
        const row = table.addRow();
        table.columns.day.set(row, Date.parse(day) / dayMs);
        table.columns.source.set(row, sources.idOf(source));
        table.columns.device.set(row, devices.idOf(device));
        table.columns.observations.set(row, counts.observations);
        for (const outcome of outcomes) table.columns[outcome].set(row, counts[outcome]);
      }
      table.append();
    },

    settle() {
      rows += table.rows;
      table.clear();
      sheet = new TallySheet();
    },

    async fold() {
      if (rows < Math.max(foldAtRows, 2 * sums)) return;
      const sum = [...outcomes, "observations"].map((name) => `sum(${name})::UINTEGER`).join(", ");
      await writer.run(`
        BEGIN TRANSACTION;
        CREATE OR REPLACE TEMP TABLE folded AS SELECT day, source, device, ${sum} FROM ledger GROUP BY day, source, device;
        DELETE FROM ledger;
        INSERT INTO ledger SELECT * FROM folded;
        COMMIT;
        DROP TABLE folded;`);
      sums = rows = await countRows();
    },

    close: table.close,
  };
}
