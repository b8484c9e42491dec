import { checks, type Observation, qualities, type ReceivedRow } from "@messnetz/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { intakeMessage, observation } from "../batches.fixture.ts";
import { decodeBusMessage } from "./decode-bus-message.ts";
import { toObservationJson } from "./observation-json.ts";
import { busHeaders, observationSchemaName, safeDomain } from "./observation-stream.ts";
import { maxRows, packParcels } from "./parcels.ts";
import { createRowsHeader, readReceivedRows } from "./received-rows.ts";
import { observationsSchema } from "./wire-schema.ts";

const instants = fc.integer({ min: -1e14, max: 1e14 });
const observations: fc.Arbitrary<Observation> = fc
  .record(
    {
      datastream: fc
        .tuple(
          fc.stringMatching(/^[A-Za-z0-9_:äöü€😀"\\ -]{1,20}$/u),
          fc.stringMatching(/^[a-z_ß]{1,12}$/u),
          fc.option(fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/)),
        )
        .map(([thing, property, channel]) => `${thing}/${property}${channel === null ? "" : `.${channel}`}`),
      phenomenonTime: instants,
      intervalStart: instants,
      ordinal: fc.nat(),
      resultTime: instants,
      // JSON has no negative zero.
      result: fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
        fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
      ),
      quality: fc.constantFrom(...qualities),
      checks: fc.subarray([...checks]),
      revision: fc.nat(),
      deviceTime: instants,
    },
    {
      requiredKeys: [
        "datastream",
        "phenomenonTime",
        "ordinal",
        "resultTime",
        "result",
        "quality",
        "checks",
        "revision",
      ],
    },
  )
  .map((value) => value as Observation);

function decode(payload: string | Uint8Array, rows: string, schema: string = observationSchemaName) {
  const headers = new Map([
    [busHeaders.schema, schema],
    [busHeaders.messages, rows],
  ] as [string, string][]);
  return decodeBusMessage({
    headers: { get: (name) => headers.get(name) ?? "" },
    payload: typeof payload === "string" ? Buffer.from(payload) : payload,
  });
}

const rowsOf = (count: number) => `{"days":["2026-03-01"],"sources":["s"],"devices":["d"],"rows":[[0,0,0,${count},0]]}`;

describe("observations on the bus", () => {
  it("come out as they went in, and after the published schema", () => {
    fc.assert(
      fc.property(fc.array(observations, { maxLength: 5 }), (list) => {
        const json = `[${list.map(toObservationJson).join(",")}]`;
        expect(decode(json, rowsOf(list.length))).toEqual({ observations: list, rows: [expect.anything()], bad: [] });
        expect(observationsSchema.parse(JSON.parse(json))).toEqual(list);
      }),
    );
  });

  it("leave out what is the default", () => {
    expect(Object.keys(JSON.parse(toObservationJson(observation(1))) as object)).toEqual([
      "datastream",
      "phenomenonTime",
      "resultTime",
      "result",
      "quality",
      "revision",
    ]);
  });

  it("cannot be what JSON does not know", () => {
    expect(() => toObservationJson(observation(Number.NaN))).toThrow("finite");
  });

  it("are taken and refused one by one exactly as the published schema does", () => {
    const spoilt = fc.tuple(
      observations,
      fc.constantFrom(
        "datastream",
        "phenomenonTime",
        "intervalStart",
        "ordinal",
        "resultTime",
        "result",
        "quality",
        "checks",
        "revision",
        "deviceTime",
        "unknown",
      ),
      fc.oneof(
        fc.jsonValue(),
        fc.constantFrom("a/b", "a/b.c", "a/", "/b", "a/b.", 1.5, -1, 0, 2 ** 53, ["range"], ["nothing"], undefined),
      ),
    );
    fc.assert(
      fc.property(fc.array(spoilt, { minLength: 1, maxLength: 4 }), (list) => {
        const elements = list.map(([good, field, value]) => ({ ...good, [field]: value }));
        const json = JSON.stringify(elements);
        const wire = JSON.parse(json) as unknown[];
        const decoded = decode(json, rowsOf(wire.length));
        if (decoded.poison !== undefined) throw new Error(decoded.poison);
        const refused = wire.flatMap((element, index) =>
          observationsSchema.safeParse([element]).success ? [] : [index],
        );
        expect(decoded.bad.map(({ index }) => index)).toEqual(refused);
        expect(decoded.observations).toHaveLength(wire.length - refused.length);
        for (const { index, json: kept } of decoded.bad) expect(JSON.parse(kept)).toEqual(wire[index]);
      }),
    );
  });

  it("that are too large for a number are bad, not infinite", () => {
    const json = `[${toObservationJson(observation(1)).replace('"result":1', '"result":1e999')},${toObservationJson(observation(2))}]`;
    expect(decode(json, rowsOf(2))).toMatchObject({ bad: [{ index: 0 }], observations: [{ result: 2 }] });
  });

  it("never throw, whatever comes", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        fc.oneof(fc.string(), fc.json()),
        (payload, rows) => {
          const decoded = decode(payload, rows);
          expect(decoded.poison === undefined || decoded.poison.length > 0).toBe(true);
        },
      ),
    );
  });

  it.each([
    ["another schema", "[]", rowsOf(0), "observations.v2"],
    ["no rows", "[]", "", observationSchemaName],
    ["rows that count otherwise", "[]", rowsOf(1), observationSchemaName],
    [
      "rows with an index beyond its list",
      "[]",
      '{"days":[],"sources":[],"devices":[],"rows":[[0,0,0,0,0]]}',
      observationSchemaName,
    ],
    ["rows with flags of tomorrow", "[]", rowsOf(0).replace("0,0]]", "0,32]]"), observationSchemaName],
    [
      "a day that is no day, and no token of a subject",
      "[]",
      rowsOf(0).replace("2026-03-01", "*.>"),
      observationSchemaName,
    ],
    ["an object", "{}", rowsOf(0), observationSchemaName],
    ["a body that is cut", '[{"datastream":', rowsOf(1), observationSchemaName],
    ["wrong UTF-8", Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), rowsOf(1), observationSchemaName],
  ])("are poison with %s", (_, payload, rows, schema) => {
    expect(decode(payload, rows, schema).poison).toBeDefined();
  });
});

describe("rows of received messages", () => {
  const rows: fc.Arbitrary<ReceivedRow> = fc.record({
    day: fc.constantFrom("2026-03-01", "2026-03-02"),
    source: fc.string({ unit: "grapheme" }),
    device: fc.string({ unit: "binary", maxLength: 20 }),
    observations: fc.nat({ max: 100 }),
    flags: fc.nat({ max: 31 }),
  });

  it("come out as they went in, in ASCII, and no longer than was said", () => {
    fc.assert(
      fc.property(fc.array(rows), (list) => {
        const header = createRowsHeader();
        let foretold = header.bytes();
        for (const row of list) {
          foretold += header.costOf(row);
          header.add(row);
        }
        const text = header.text();
        expect(text).toMatch(/^[\x20-\x7e]*$/);
        expect(text.length).toBeLessThanOrEqual(header.bytes());
        expect(header.bytes()).toBe(foretold);
        expect(
          readReceivedRows(
            text,
            list.reduce((sum, row) => sum + row.observations, 0),
          ),
        ).toEqual(list);
      }),
    );
  });
});

const maxRowsBytes = 30_000;

describe("parcels", () => {
  it("keep every message, its order within its domain, and all limits", () => {
    const messages = fc.array(
      fc.tuple(fc.nat({ max: 40 }), fc.constantFrom("water", "energy"), fc.nat({ max: 2000 })),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(messages, fc.integer({ min: 300, max: 5000 }), (list, maxBodyBytes) => {
        const batch = list.map(([count, domain, length]) =>
          intakeMessage(
            Array.from({ length: count }, (_, n) => n),
            { device: `${domain}:${"ü".repeat(length)}` },
          ),
        );
        const domainOf = ({ device }: { readonly device: string }) => device.slice(0, device.indexOf(":"));
        const parcels = packParcels(batch, { domainOf, fateOf: () => undefined, maxBodyBytes, maxRowsBytes });
        for (const domain of ["water", "energy"]) {
          const decoded = parcels
            .filter((parcel) => parcel.domain === domain)
            .map(({ payload, rows }) => decode(payload, rows));
          const whole: [string, number][] = [];
          for (const part of decoded) {
            if (part.poison !== undefined) throw new Error(part.poison);
            for (const { device, observations: count, flags } of part.rows) {
              if ((flags & 16) === 0) whole.push([device, count]);
              else whole.at(-1)![1] += count;
            }
          }
          const own = batch.filter((message) => domainOf(message) === domain);
          expect(whole).toEqual(own.map(({ device, observations: { length } }) => [device, length]));
          const results = decoded.flatMap((part) =>
            part.poison === undefined ? part.observations.map(({ result }) => result) : [],
          );
          expect(results).toEqual(own.flatMap((message) => message.observations.map(({ result }) => result)));
        }
        for (const { payload, rows } of parcels) {
          expect(payload.length).toBeLessThanOrEqual(maxBodyBytes + 2);
          expect(rows.length).toBeLessThanOrEqual(maxRowsBytes);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("have a thousand rows at most", () => {
    const batch = Array.from({ length: maxRows + 1 }, () => intakeMessage([]));
    const parcels = packParcels(batch, {
      domainOf: () => "water",
      fateOf: () => undefined,
      maxBodyBytes: 1e6,
      maxRowsBytes,
    });
    expect(parcels).toHaveLength(2);
  });

  it.each([
    ["water", "water"],
    ["", "other"],
    ["a.b", "other"],
    ["ä", "other"],
    ["*", "other"],
    [">", "other"],
    ["quarantine", "other"],
  ])("of the domain %j go to %j", (domain, expected) => {
    expect(safeDomain(domain)).toBe(expected);
  });
});
