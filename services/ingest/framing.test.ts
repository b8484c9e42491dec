import * as fc from "fast-check";
import { expect, it } from "vitest";
import { createFraming } from "./framing.ts";

/** A packet of any type with a body, its remaining length encoded as short as can be. */
function packet(type: number, body: Uint8Array): Buffer {
  const header = [type];
  for (let left = body.length; ; left = Math.floor(left / 128)) {
    if (left < 128) {
      header.push(left);
      return Buffer.concat([Buffer.from(header), body]);
    }
    header.push((left % 128) | 0x80);
  }
}

const packets = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 300 }))
    .map(([type, body]) => packet(type, body)),
  { maxLength: 12 },
);

function framesOf(
  chunks: readonly Buffer[],
  maxBytes = 1000,
): { frames: string[]; fault: string | undefined; held: number } {
  const frames: string[] = [];
  const framing = createFraming(
    () => maxBytes,
    (buffer, { start, bodyStart, end }) => {
      frames.push(`${buffer.toString("hex", start, bodyStart)} ${buffer.toString("hex", bodyStart, end)}`);
      return true;
    },
  );
  let fault: string | undefined;
  for (const chunk of chunks) fault ??= framing.push(chunk);
  return { frames, fault, held: framing.heldBytes() };
}

it("cuts a stream into the same packets however it arrives", () => {
  fc.assert(
    fc.property(packets, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (list, sizes) => {
      const stream = Buffer.concat(list);
      const chunks: Buffer[] = [];
      for (let at = 0, n = 0; at < stream.length; n++) {
        const size = sizes[n % sizes.length]!;
        chunks.push(stream.subarray(at, at + size));
        at += size;
      }
      const whole = framesOf([stream]);
      expect(framesOf(chunks)).toEqual(whole);
      expect(whole).toMatchObject({ fault: undefined, held: 0 });
      expect(whole.frames.map((frame) => frame.replace(" ", ""))).toEqual(list.map((one) => one.toString("hex")));
    }),
  );
});

it("never fails on any bytes, and holds no more than has arrived", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
      const { held } = framesOf(chunks.map((chunk) => Buffer.from(chunk)));
      expect(held).toBeLessThanOrEqual(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    }),
  );
});

it("refuses a packet of 256 MB as soon as its length is there", () => {
  expect(framesOf([Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])])).toMatchObject({ fault: "packet_too_large", held: 0 });
});

it("refuses a packet one byte above the limit, takes one at the limit", () => {
  expect(framesOf([packet(0x30, new Uint8Array(98))], 100).frames).toHaveLength(1);
  expect(framesOf([packet(0x30, new Uint8Array(99))], 100).fault).toBe("packet_too_large");
});

it("hands over a packet that is too large without its end where it is told to cut, and goes on behind it", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 });
  fc.assert(
    fc.property(packets, fc.integer({ min: 10, max: 200 }), sizes, (list, most, pieces) => {
      const came: string[] = [];
      const framing = createFraming(
        () => most,
        (buffer, { start, end, cutBytes }) => came.push(`${buffer.toString("hex", start, end)} ${cutBytes}`) > 0,
        "cut",
      );
      const stream = Buffer.concat(list);
      for (let at = 0, n = 0; at < stream.length; n++) {
        const size = pieces[n % pieces.length]!;
        expect(framing.push(stream.subarray(at, at + size))).toBeUndefined();
        expect(framing.heldBytes()).toBeLessThanOrEqual(most);
        at += size;
      }
      const expected = list.map((one) => `${one.toString("hex", 0, most)} ${Math.max(0, one.length - most)}`);
      expect(came).toEqual(expected);
    }),
  );
});

it("refuses a remaining length of five bytes, in one piece or byte by byte", () => {
  const bytes = [0x30, 0x80, 0x80, 0x80, 0x80, 0x01];
  expect(framesOf([Buffer.from(bytes)]).fault).toBe("malformed_length");
  expect(framesOf(bytes.map((byte) => Buffer.from([byte]))).fault).toBe("malformed_length");
});

it("hands over nothing after it was told to stop", () => {
  let count = 0;
  const framing = createFraming(
    () => 100,
    () => ++count < 2,
  );
  framing.push(Buffer.from([0xc0, 0, 0xc0, 0, 0xc0, 0]));
  framing.push(Buffer.from([0xc0, 0]));
  expect(count).toBe(2);
});
