import type { EpochMs } from "@messnetz/model";
import type { DocumentProblem } from "../document-problem.ts";
import type { JsonObject } from "../json-object.ts";
import { compileItems } from "./compile-items.ts";
import { type FrameReading, hexOf, type Making, type Problem } from "./frame-reading.ts";
import type { LayoutDocument, LayoutFrame } from "./layout-schema.ts";
import { createScope } from "./scope.ts";
import { type BytesSeen, createFrameWatch } from "./watch-bytes.ts";

export interface FrameToRead {
  readonly bytes: Uint8Array;
  readonly port: number;
  /** Of the uplink; times that a device tells as "so many seconds ago" count from it. */
  readonly time: EpochMs;
  /** Told of all bytes, in the order in which they are read, by whoever shows how. */
  readonly watch?: ((seen: BytesSeen) => void) | undefined;
}

/** The decoded object, or why there is none. */
export type LayoutResult = { readonly decoded: JsonObject } | { readonly skip: string } | { readonly problem: Problem };

export interface Layout {
  read(frame: FrameToRead): LayoutResult;
}

/** The application payload of a LoRaWAN frame has at most 242 bytes (RP002-1.0.4 §2); other networks' frames are not much longer. */
const maxFrameBytes = 1024;

/** What is wrong with the layout, each mistake with its path; or how to read with it. */
export function compileLayout(document: LayoutDocument): Layout | { readonly problems: readonly DocumentProblem[] } {
  const compiled = document.frames.map((frame, at) => compileFrame(frame, document, at));
  const problems = compiled.flatMap((frame) => frame.problems);
  compiled.forEach((frame, at) => {
    const earlier = compiled.findIndex((other, n) => n < at && covers(other.shape, frame.shape));
    if (earlier < 0) return;
    const message = `never reached, frame ${earlier} takes all that it would`;
    problems.push({ path: ["layout", "frames", at], message });
  });
  if (problems.length > 0) return { problems };
  return {
    read(frame) {
      if (frame.bytes.length > maxFrameBytes) {
        return {
          problem: { expected: `a frame of at most ${maxFrameBytes} bytes`, came: `${frame.bytes.length} bytes` },
        };
      }
      for (const { fits, read } of compiled) if (fits(frame)) return read(frame);
      const came = `port ${frame.port}, ${frame.bytes.length} bytes: ${hexOf(frame.bytes, 0, shownBytes)}`;
      return { problem: { expected: `a frame of ${compiled.map(({ shape }) => describe(shape)).join(" or ")}`, came } };
    },
  };
}

const shownBytes = 64;

/** What a frame is told by. */
interface Shape {
  readonly ports: readonly number[] | undefined;
  /** Two characters a byte, `..` for any. */
  readonly starts: string;
  readonly min: number;
  readonly max: number;
}

function compileFrame(frame: LayoutFrame, document: LayoutDocument, at: number) {
  const { scope, problems, slots } = createScope(document.endian, "layout", "frames", at);
  const shape = shapeOf(frame);
  if ((frame.fields === undefined) === (frame.skip === undefined)) scope.fault("either fields or skip");
  if (shape.min > shape.max) scope.fault("min is above max", "length");
  const body = compileItems(frame.fields ?? [{ skip: "rest" }], scope.below("fields"), 0);
  if (frame.length !== undefined && (body.min > shape.max || body.max < shape.min)) {
    scope.fault(`the fields take ${rangeOf(body.min, body.max)} bytes, not ${rangeOf(shape.min, shape.max)}`, "length");
  }
  const starts = (shape.starts.match(/../gu) ?? []).map((byte) =>
    byte === ".." ? undefined : Number.parseInt(byte, 16),
  );

  function fits({ bytes, port }: FrameToRead): boolean {
    if (shape.ports?.includes(port) === false || bytes.length < shape.min || bytes.length > shape.max) return false;
    return starts.length <= bytes.length && starts.every((byte, n) => byte === undefined || byte === bytes[n]);
  }

  function read({ bytes, time, watch }: FrameToRead): LayoutResult {
    if (frame.skip !== undefined) return { skip: frame.skip };
    const reading: FrameReading = {
      bytes,
      view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      at: 0,
      end: bytes.length,
      values: new Array<undefined>(slots()).fill(undefined),
      captured: "",
      index: 0,
      time,
      watch: watch === undefined ? undefined : createFrameWatch(watch),
    };
    const decoded: Making = {};
    const wrong = body.step(reading, decoded);
    if (wrong !== undefined) return { problem: wrong };
    if (reading.at === bytes.length) return { decoded };
    const came = `${bytes.length}: ${hexOf(bytes, 0, shownBytes)}`;
    return { problem: { expected: `a frame of ${reading.at} bytes`, came } };
  }

  return { shape, problems, fits, read };
}

function shapeOf({ ports, starts, length }: LayoutFrame): Shape {
  const min = typeof length === "number" ? length : (length?.min ?? 0);
  const max = typeof length === "number" ? length : (length?.max ?? Infinity);
  return { ports, starts: starts?.toLowerCase() ?? "", min, max };
}

/** Does the first take every frame that the second would? */
function covers(first: Shape, second: Shape): boolean {
  const ports = first.ports === undefined || second.ports?.every((port) => first.ports!.includes(port)) === true;
  if (!ports || first.min > Math.max(second.min, second.starts.length / 2) || first.max < second.max) return false;
  for (let n = 0; n < first.starts.length; n += 2) {
    const byte = first.starts.slice(n, n + 2);
    if (byte !== ".." && byte !== second.starts.slice(n, n + 2)) return false;
  }
  return first.starts.length <= second.starts.length || second.min * 2 >= first.starts.length;
}

function describe({ ports, starts, min, max }: Shape): string {
  const parts = [`${rangeOf(min, max)} bytes`];
  if (ports !== undefined) parts.push(`on port ${ports.join(", ")}`);
  if (starts !== "") parts.push(`beginning with ${starts}`);
  return parts.join(" ");
}

function rangeOf(min: number, max: number): string {
  if (min === max) return String(min);
  return max === Infinity ? `${min} or more` : `${min} to ${max}`;
}
