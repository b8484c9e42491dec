import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, expect, it } from "vitest";
import { StoreFileError } from "../errors.ts";
import { collect, observation, start } from "../samples.fixture.ts";
import { databaseFile } from "./options.ts";
import { openDuckDbStore } from "./store.ts";

const root = await mkdtemp(join(tmpdir(), "messnetz-migration-"));
afterAll(() => rm(root, { recursive: true }));
const options = { quarantine: { maxBytes: 1e6, maxAgeMs: 1e12 }, clock: () => start };

const columns = (result: string): string => `
  datastream INTEGER NOT NULL, time BIGINT NOT NULL, ordinal UINTEGER NOT NULL, received BIGINT NOT NULL, ${result} NOT NULL,
  quality UTINYINT NOT NULL, checks UTINYINT NOT NULL, revision UINTEGER NOT NULL, span BIGINT, device_time BIGINT`;

/** A file as version 1 of the schema had it, with some of everything. */
const version1 = `
CREATE TABLE messnetz (schema_version INTEGER NOT NULL);
INSERT INTO messnetz VALUES (1);
CREATE TABLE datastream (id INTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE source (id INTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE device (id INTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE client (id INTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE timely (${columns("value DOUBLE")});
CREATE TABLE late (${columns("value DOUBLE")});
CREATE TABLE spoken (${columns("word VARCHAR")});
CREATE VIEW measured AS SELECT * FROM timely UNION ALL SELECT * FROM late;
CREATE VIEW observation AS SELECT * FROM measured UNION ALL BY NAME SELECT * FROM spoken;
CREATE TABLE ledger (day DATE NOT NULL, source INTEGER NOT NULL, device INTEGER NOT NULL, outcome UTINYINT NOT NULL,
  messages UINTEGER NOT NULL, observations UINTEGER NOT NULL);
CREATE TABLE quarantine (id VARCHAR NOT NULL, source INTEGER NOT NULL, device INTEGER NOT NULL, topic VARCHAR NOT NULL,
  received BIGINT NOT NULL, refusals VARCHAR NOT NULL, payload BLOB NOT NULL);
CREATE TABLE receipt (client INTEGER NOT NULL, packet USMALLINT NOT NULL, hash VARCHAR NOT NULL, received BIGINT NOT NULL);
CREATE TABLE session_event (client INTEGER NOT NULL, kind UTINYINT NOT NULL, packet USMALLINT, expiry BIGINT, instant BIGINT);
CREATE TABLE beat (instant BIGINT NOT NULL);
INSERT INTO datastream VALUES (0, 'b/x'), (1, 'a/x');
INSERT INTO source VALUES (0, 'waterworks');
INSERT INTO device VALUES (0, 'd:1');
INSERT INTO timely VALUES (0, ${start}, 0, ${start + 500}, 1.25, 0, 0, 1, NULL, NULL), (1, ${start}, 0, ${start + 500}, 2, 0, 0, 1, NULL, NULL),
  (0, ${start - 1}, 0, ${start}, 1.5, 1, 1, 2, 900000, 7);
INSERT INTO late VALUES (0, -1, 0, 0, -5, 0, 0, 1, NULL, NULL), (0, ${start - 400 * 86_400_000}, 3, ${start}, 0.5, 2, 0, 1, NULL, NULL);
INSERT INTO spoken VALUES (1, ${start + 1}, 0, ${start + 1}, 'open', 0, 0, 1, NULL, NULL);
INSERT INTO ledger VALUES ('2026-03-01', 0, 0, 0, 6, 6);
`;

async function makeFile(directory: string, sql: string): Promise<void> {
  await mkdir(directory);
  const database = await DuckDBInstance.create(join(directory, databaseFile));
  const connection = await database.connect();
  await connection.run(sql);
  connection.closeSync();
  database.closeSync();
}

it("reads a file of version 1 as it was, goes on in it, and closes its months", async () => {
  const directory = join(root, "first");
  await makeFile(directory, version1);
  const day = 86_400_000;
  const rows = [
    observation({ datastream: "a/x", phenomenonTime: start, result: 2 }),
    observation({ datastream: "a/x", phenomenonTime: start + 1, resultTime: start + 1, result: "open" }),
    observation({
      datastream: "b/x",
      phenomenonTime: start - 400 * day,
      resultTime: start,
      result: 0.5,
      quality: "bad",
      ordinal: 3,
    }),
    observation({ datastream: "b/x", phenomenonTime: -1, resultTime: 0, result: -5 }),
    observation({
      datastream: "b/x",
      phenomenonTime: start - 1,
      resultTime: start,
      result: 1.5,
      quality: "suspect",
      checks: ["range"],
      revision: 2,
      intervalStart: start - 900_001,
      deviceTime: 7,
    }),
    observation({ datastream: "b/x", phenomenonTime: start, result: 1.25 }),
  ];
  const inOrder = rows.toSorted(
    (a, b) =>
      (a.datastream < b.datastream ? -1 : Number(a.datastream > b.datastream)) || a.phenomenonTime - b.phenomenonTime,
  );
  for (let round = 0; round < 2; round++) {
    const store = await openDuckDbStore({ ...options, directory });
    expect(await collect(store.observations.read({}))).toEqual(inOrder);
    expect(await store.observations.write([rows[4]!, rows[0]!])).toEqual({ added: 0, corrected: 0 });
    expect(await store.ledger.rows({})).toMatchObject([{ received: 6, stored: 6, observations: 6 }]);
    await store.months.close();
    expect(store.months.list().map(({ month, rows: count }) => [month, count])).toEqual([
      ["1969-12", 1],
      ["2025-01", 1],
      ["2026-02", 1],
    ]);
    expect(await collect(store.observations.read({}))).toEqual(inOrder);
    await store.close();
  }
});

it("leaves a file of a later version alone", async () => {
  const directory = join(root, "later");
  await makeFile(directory, version1.replace("VALUES (1)", "VALUES (3)"));
  await expect(openDuckDbStore({ ...options, directory })).rejects.toThrow(StoreFileError);
});
