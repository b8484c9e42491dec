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
  /** Differences are added up when there are this many, and as many as there were sums. */
  readonly foldAtRows: number;
}

const dayMs = 86_400_000;

export async function createLedgerDesk({ writer, sources, devices, foldAtRows }: Parts): Promise<LedgerDesk> {
  const table = await createTableWriter(writer, "ledger", {
    day: columns.date(),
    source: columns.int32(),
    device: columns.int32(),
    outcome: columns.uint8(),
    messages: columns.uint32(),
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
        let observations = counts.observations;
        outcomes.forEach((outcome, index) => {
          if (counts[outcome] === 0) return;
          const row = table.addRow();
          table.columns.day.set(row, Date.parse(day) / dayMs);
          table.columns.source.set(row, sources.idOf(source));
          table.columns.device.set(row, devices.idOf(device));
          table.columns.outcome.set(row, index);
          table.columns.messages.set(row, counts[outcome]);
          table.columns.observations.set(row, observations);
          observations = 0;
        });
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
      await writer.run(`
        BEGIN TRANSACTION;
        CREATE OR REPLACE TEMP TABLE folded AS
          SELECT day, source, device, outcome, sum(messages)::UINTEGER, sum(observations)::UINTEGER
          FROM ledger GROUP BY day, source, device, outcome;
        DELETE FROM ledger;
        INSERT INTO ledger SELECT * FROM folded;
        COMMIT;
        DROP TABLE folded;`);
      sums = rows = await countRows();
    },

    close: table.close,
  };
}
