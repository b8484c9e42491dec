/**
 * What is measured lies in tables of one shape: `timely` in order of arrival with times close to it, so that the zone maps of its
 * row groups stay narrow; `late` for what came long after its time (or before it), so that it does not widen them; `spoken` for
 * words instead of numbers, whose column would cost the others a third of a commit. None has a key: the writer keeps identities unique.
 */
export const observationTables = ["timely", "late", "spoken"] as const;

function observationColumns(result: string): string {
  return `
  datastream INTEGER NOT NULL,
  time BIGINT NOT NULL,          -- ms since 1970
  ordinal UINTEGER NOT NULL,
  received BIGINT NOT NULL,      -- ms since 1970
  ${result} NOT NULL,
  quality UTINYINT NOT NULL,     -- index into the model's qualities
  checks UTINYINT NOT NULL,      -- bit n is the model's checks[n]
  revision UINTEGER NOT NULL,
  span BIGINT,                   -- ms; of an amount: the length of its interval
  device_time BIGINT             -- ms since 1970
`;
}

export const schemaVersion = 1;

export const schemaSql = `
CREATE TABLE messnetz (schema_version INTEGER NOT NULL);
INSERT INTO messnetz VALUES (${schemaVersion});
CREATE TABLE datastream (id INTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE source (id INTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE device (id INTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE client (id INTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE timely (${observationColumns("value DOUBLE")});
CREATE TABLE late (${observationColumns("value DOUBLE")});
CREATE TABLE spoken (${observationColumns("word VARCHAR")});
CREATE VIEW measured AS SELECT * FROM timely UNION ALL SELECT * FROM late;
CREATE VIEW observation AS SELECT * FROM measured UNION ALL BY NAME SELECT * FROM spoken;
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

export const sessionEventKinds = ["opened", "closed", "ended", "released", "received"] as const;
