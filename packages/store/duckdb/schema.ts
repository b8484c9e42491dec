/**
 * What is measured lies in months (of UTC). Each has hot tables of one shape: `timely` in order of arrival with times close to it, so
 * that the zone maps of its row groups stay narrow; `late` for what came long after its time (or before it), so that it does not widen
 * them; `spoken` for words instead of numbers, whose column would cost the others a third of a commit. None has a key: the writer keeps
 * identities unique. A month that is over is closed into Parquet files, and its hot tables are dropped as a whole.
 */
export const hotKinds = ["timely", "late", "spoken"] as const;
export type HotKind = (typeof hotKinds)[number];

/** Columns of observations in the order of the writers; `result` is a number or a word. */
function observationColumns(result: string): string {
  return `
  datastream INTEGER NOT NULL,
  time BIGINT NOT NULL,          -- ms since 1970
  ordinal UINTEGER NOT NULL,
  received BIGINT NOT NULL,      -- ms since 1970
  ${result},
  quality UTINYINT NOT NULL,     -- index into the model's qualities
  checks UTINYINT NOT NULL,      -- bit n is the model's checks[n]
  revision UINTEGER NOT NULL,
  span BIGINT,                   -- ms; of an amount: the length of its interval
  device_time BIGINT             -- ms since 1970
`;
}

export function hotTableSql(kind: HotKind, table: string): string {
  return `CREATE TABLE ${table} (${observationColumns(kind === "spoken" ? "word VARCHAR NOT NULL" : "value DOUBLE NOT NULL")})`;
}

export const schemaVersion = 2;

/** What version 2 has and version 1 had not. */
export const monthsSql = `
-- Hot tables: named <kind>_<id>. Of one month those of the highest generation take what comes; the others wait to be closed.
CREATE TABLE hot (id INTEGER NOT NULL, kind VARCHAR NOT NULL, month INTEGER NOT NULL, generation INTEGER NOT NULL);
-- Identities that a correction replaced where they cannot be deleted: they do not count in what is of an earlier generation.
CREATE TABLE masked (
  month INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  datastream INTEGER NOT NULL,
  time BIGINT NOT NULL,
  ordinal UINTEGER NOT NULL
);
-- Closed months: all that is left of this generation and earlier ones is in its files.
CREATE TABLE part (
  month INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  rows BIGINT NOT NULL,
  closed_at BIGINT NOT NULL      -- ms since 1970
);
CREATE TABLE part_file (
  month INTEGER NOT NULL,
  name VARCHAR NOT NULL,         -- below the folder of months
  hours BOOLEAN NOT NULL,        -- aggregates by hour instead of observations
  first_series UINTEGER NOT NULL,
  last_series UINTEGER NOT NULL,
  rows BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  sha256 VARCHAR NOT NULL
);
-- What is known of each datastream of a closed month without a look at its files; with its newest observation there.
CREATE TABLE part_stream (
  datastream INTEGER NOT NULL,
  time BIGINT NOT NULL,
  ordinal UINTEGER NOT NULL,
  received BIGINT NOT NULL,
  value DOUBLE,
  quality UTINYINT NOT NULL,
  checks UTINYINT NOT NULL,
  revision UINTEGER NOT NULL,
  span BIGINT,
  device_time BIGINT,
  word VARCHAR,
  month INTEGER NOT NULL,
  series UINTEGER NOT NULL,      -- its place by name among those of the month
  rows UINTEGER NOT NULL,
  traits UTINYINT NOT NULL       -- bit 0: has words; bit 1: its hours are as good as its rows
);
`;

export const schemaSql = `
CREATE TABLE messnetz (schema_version INTEGER NOT NULL);
INSERT INTO messnetz VALUES (${schemaVersion});
CREATE TABLE datastream (id INTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE source (id INTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE device (id INTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE client (id INTEGER NOT NULL, name VARCHAR NOT NULL);
${monthsSql}
-- Differences; their sums per (day, source, device) are the ledger.
CREATE TABLE ledger (
  day DATE NOT NULL,
  source INTEGER NOT NULL,
  device INTEGER NOT NULL,
  outcome UTINYINT NOT NULL,     -- index into the model's outcomes
  messages UINTEGER NOT NULL,
  observations UINTEGER NOT NULL
);
CREATE TABLE quarantine (
  id VARCHAR NOT NULL,
  source INTEGER NOT NULL,
  device INTEGER NOT NULL,
  topic VARCHAR NOT NULL,
  received BIGINT NOT NULL,
  refusals VARCHAR NOT NULL,     -- JSON
  payload BLOB NOT NULL
);
CREATE TABLE receipt (
  client INTEGER NOT NULL,
  packet USMALLINT NOT NULL,
  hash VARCHAR NOT NULL,
  received BIGINT NOT NULL
);
CREATE TABLE session_event (
  client INTEGER NOT NULL,
  kind UTINYINT NOT NULL,        -- index into sessionEventKinds
  packet USMALLINT,
  expiry BIGINT,                 -- ms
  instant BIGINT                 -- ms since 1970
);
CREATE TABLE beat (instant BIGINT NOT NULL);
`;

/** Deliveries that their networks name. A database of before them gets the table when it is opened. */
export const deliverySql = `
CREATE TABLE IF NOT EXISTS delivery (
  high UINTEGER NOT NULL,        -- 64 bits of a hash, in two halves
  low UINTEGER NOT NULL,
  instant BIGINT,                -- ms since 1970; of the network
  received BIGINT NOT NULL       -- ms since 1970
);
`;

export const sessionEventKinds = ["opened", "closed", "ended", "released", "received"] as const;
