import type { Interval } from "@messnetz/model";
import type { Connection } from "./connection.ts";
import { type CsvRow, splitCsv, textOf } from "./csv-splitter.ts";
import { maxTime, minTime, nanosecondsText } from "./nanoseconds.ts";

/** Rows that the server sends at once. */
const chunkSize = 10_000;

/**
 * The last statement of each request. An answer in CSV is silent about a statement that failed, and about all behind it: only when
 * this one answers, the others are complete. Every account may ask it.
 */
const lastStatement = "SHOW DATABASES";
const lastName = "databases";

/** Statements of InfluxQL with the values that they name as `$v0`, `$v1`, …: no value from outside stands in a statement. */
export interface Statements {
  add(statement: string): void;
  /** The name that stands for the value. */
  bind(value: string): string;
  readonly count: number;
  readonly text: string;
  readonly params: Readonly<Record<string, string>>;
}

export function createStatements(): Statements {
  const statements: string[] = [];
  const params: Record<string, string> = {};
  const names = new Map<string, string>();
  return {
    add: (statement) => void statements.push(statement),
    bind(value) {
      let name = names.get(value);
      if (name === undefined) {
        name = `v${names.size}`;
        names.set(value, name);
        params[name] = value;
      }
      return `$${name}`;
    },
    get count() {
      return statements.length;
    },
    get text() {
      return statements.join(";");
    },
    params,
  };
}

const identifierPattern = /^[a-z][a-z0-9_]{0,62}$/;

/** A measurement or field in quotes. Throws for what is no key of a property: whoever asks has checked it. */
export function identifier(name: string): string {
  if (!identifierPattern.test(name)) throw new TypeError(`expected a property key, came ${JSON.stringify(name)}`);
  return `"${name}"`;
}

export function isIdentifier(name: string): boolean {
  return identifierPattern.test(name);
}

/** The condition of a span of time, within what InfluxDB knows; `after` leaves out all up to one instant. Undefined where nothing can be in it. */
export function timeCondition(
  interval: Interval | undefined,
  after?: { readonly phenomenonTime: number; readonly ordinal: number },
): string | undefined {
  const from = Math.max(minTime, Math.ceil(interval?.from ?? minTime));
  const to = Math.min(maxTime + 1, Math.ceil(interval?.to ?? maxTime + 1));
  if (!(from < to)) return undefined;
  const span = `time >= ${nanosecondsText(from, 0)} AND time < ${nanosecondsText(to, 0)}`;
  if (after === undefined || after.phenomenonTime < from) return span;
  return after.phenomenonTime >= to
    ? undefined
    : `${span} AND time > ${nanosecondsText(after.phenomenonTime, after.ordinal)}`;
}

/** A row of one statement. The same object each time, good until the next one. */
export interface StatementRow {
  /** From the name of the statement's column `s<number>`: which statement it is. */
  readonly statement: number;
  readonly cells: CsvRow;
}

/** In each row: 0 the measurement, 1 the tags that the statement groups by, 2 the time, then the selected columns. */
export const tagsColumn = 1;
export const timeColumn = 2;
export const firstColumn = 3;

/**
 * Runs statements that give rows, and hands the rows over as they come, in the order of the statements. `what` completes "expected InfluxDB
 * to". Rejects with a `StoreUnavailableError`, also when the server stopped in the middle. Ends the request when its reader stops.
 */
export async function* queryRows(
  connection: Connection,
  statements: Statements,
  what: string,
): AsyncGenerator<Iterable<StatementRow>, void, void> {
  const form = formOf(connection, statements, `${statements.text};${lastStatement}`);
  const body = await connection.post("/query", form, { what, accept: "application/csv" });
  let isHeader = true;
  let isWhole = false;
  let statement = -1;
  function* dataOf(rows: Iterable<CsvRow>): Generator<StatementRow, void, void> {
    const row: { statement: number; cells: CsvRow | undefined } = { statement, cells: undefined };
    for (const cells of rows) {
      if (cells.length === 0) isHeader = true;
      else if (isHeader) {
        isHeader = false;
        statement = row.statement = statementOf(cells);
      } else if (statement < 0) isWhole ||= textOf(cells, 0) === lastName;
      else {
        row.cells = cells;
        yield row as StatementRow;
      }
    }
  }
  for await (const rows of splitCsv(body)) yield dataOf(rows);
  if (isWhole) return;
  const stopped = "an answer that stops early: a statement failed, and InfluxDB's log says why";
  throw connection.failures.unavailable(what, new Error(stopped));
}

function statementOf(header: CsvRow): number {
  for (let field = firstColumn; field < header.length; field++) {
    const index = /^s(\d+)$/.exec(textOf(header, field))?.[1];
    if (index !== undefined) return Number(index);
  }
  return -1;
}

interface JsonAnswer {
  readonly error?: string;
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly { readonly values?: readonly (readonly unknown[])[] }[];
  }[];
}

/** Runs statements whose answer is short; the rows of all of them. Rejects with a `StoreUnavailableError` when one fails. */
export async function execute(
  connection: Connection,
  statements: Statements,
  what: string,
): Promise<readonly (readonly unknown[])[]> {
  const form = formOf(connection, statements, statements.text);
  form.delete("chunked");
  const parts: Buffer[] = [];
  for await (const part of await connection.post("/query", form, { what, accept: "application/json" }))
    parts.push(part);
  const { error, results = [] } = JSON.parse(Buffer.concat(parts).toString()) as JsonAnswer;
  const failed = error ?? results.find((result) => result.error !== undefined)?.error;
  if (failed !== undefined) throw connection.failures.ofStatement(what, failed);
  return results.flatMap(({ series = [] }) => series.flatMap(({ values = [] }) => values));
}

function formOf({ address }: Connection, { params }: Statements, text: string): URLSearchParams {
  return new URLSearchParams({
    db: address.database,
    q: text,
    params: JSON.stringify(params),
    epoch: "ns",
    chunked: "true",
    chunk_size: String(chunkSize),
  });
}
