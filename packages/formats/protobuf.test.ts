import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtobufReader, wire } from "./protobuf.ts";
import { bytesField, doubleField, floatField, varintField } from "./protobuf.fixture.ts";

function readerAt(bytes: Uint8Array): ProtobufReader {
  const reader = new ProtobufReader(bytes);
  expect(reader.next()).toBe(true);
  return reader;
}

describe("ProtobufReader", () => {
  it("reads integers of 64 bits with and without a sign", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const reader = readerAt(varintField(3, value));
        expect(reader.field).toBe(3);
        expect(reader.signed()).toBe(Number(value));
        expect(reader.unsigned()).toBe(Number(BigInt.asUintN(64, value)));
      }),
    );
  });

  it("reads an integer of 32 bits below zero, which is written with ten bytes", () => {
    const bytes = varintField(1, -120n);
    expect(bytes).toHaveLength(11);
    expect(readerAt(bytes).signed()).toBe(-120);
  });

  it("reads floats, doubles, text and messages within the message", () => {
    expect(readerAt(floatField(4, 1.5)).float()).toBe(1.5);
    expect(readerAt(doubleField(4, -0.1)).double()).toBe(-0.1);
    expect(readerAt(bytesField(2, Buffer.from("Straße"))).text()).toBe("Straße");
    expect(readerAt(readerAt(bytesField(2, varintField(7, 5n))).bytes()!).unsigned()).toBe(5);
  });

  it("answers undefined where the schema has another type, and for text that is no UTF-8", () => {
    const reader = readerAt(floatField(4, 1.5));
    expect([reader.unsigned(), reader.signed(), reader.double(), reader.bytes(), reader.text()]).toEqual(
      Array.from({ length: 5 }),
    );
    expect(readerAt(bytesField(1, new Uint8Array([0xff]))).text()).toBeUndefined();
  });

  it.each([
    ["a length beyond the end", [0x0a, 0x05, 0x31]],
    ["a length of 4 GB", [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ["a varint without an end", [0x08, ...Array.from({ length: 12 }, () => 0xff)]],
    ["a cut varint", [0x08, 0x80]],
    ["a cut float", [0x0d, 0, 0]],
    ["a group", [0x0b]],
    ["field 0", [0x00, 0x01]],
  ])("is broken by %s", (_, bytes) => {
    const reader = new ProtobufReader(new Uint8Array(bytes));
    expect(reader.next()).toBe(false);
    expect(reader.isBroken).toBe(true);
    expect(reader.next()).toBe(false);
  });

  it("comes to an end in any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const reader = new ProtobufReader(bytes);
        let fields = 0;
        while (reader.next()) {
          fields++;
          expect(Object.values<number>(wire)).toContain(reader.wireType);
        }
        expect(fields).toBeLessThanOrEqual(bytes.length / 2);
      }),
    );
  });
});
