/**
 * What is measured lies in two tables of one shape: `timely` in order of arrival with times close to it, so that the zone maps of
 * its row groups stay narrow, and `late` for what came long after its time (or before it), so that it does not widen them.
 * Neither has a key: the writer keeps identities unique. Words instead of numbers: `value` is null, `word` is not.
 */
const observationColumns = `
  datastream INTEGER NOT NULL,
  time BIGINT NOT NULL,          -- ms since 1970
  ordinal UINTEGER NOT NULL,
  received BIGINT NOT NULL,      -- ms since 1970
  value DOUBLE,
  word VARCHAR,
  quality UTINYINT NOT NULL,     -- index into the model's qualities
  checks UTINYINT NOT NULL,      -- bit n is the model's checks[n]
  revision UINTEGER NOT NULL,
  span BIGINT,                   -- ms; of an amount: the length of its interval
  device_time BIGINT             -- ms since 1970`;

export const schemaVersion = 1;

export const schemaSql = `
CREATE TABLE messnetz (schema_version INTEGER NOT NULL);
INSERT INTO messnetz VALUES (${schemaVersion});
CREATE TABLE datastream (id INTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE source (id INTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE device (id INTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE client (id INTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE timely (${observationColumns}
);
CREATE TABLE late (${observationColumns}
);
CREATE VIEW observation AS SELECT * FROM timely UNION ALL SELECT * FROM late;
-- Differences; their sum per (day, source, device) is the ledger.
CREATE TABLE ledger (
  day DATE NOT NULL,
  source INTEGER NOT NULL,
  device INTEGER NOT NULL,
  stored UINTEGER NOT NULL,
  partial UINTEGER NOT NULL,
  skipped UINTEGER NOT NULL,
  duplicate UINTEGER NOT NULL,
  quarantined UINTEGER NOT NULL,
  refused UINTEGER NOT NULL,
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
