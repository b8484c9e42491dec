import type { EpochMs } from "@messnetz/model";
import type { FrameWatch } from "./watch-bytes.ts";

/** Why a frame is not what its layout says. */
export interface Problem {
  readonly expected: string;
  readonly came: string;
}

/** The decoded object while it is made. */
export type Making = Record<string, unknown>;

/** One walk through the bytes of one frame. */
export interface FrameReading {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Where the next item begins. */
  at: number;
  /** Where the block ends that is read now. */
  end: number;
  /** Values of named fields by slot; undefined where the frame has none. */
  readonly values: (number | string | undefined)[];
  /** What a channel's key has for its placeholders. */
  captured: string;
  /** Which entry of the innermost repetition is read, from 0. */
  index: number;
  /** Of the uplink. */
  readonly time: EpochMs;
  /** Of whoever shows how frames are read; undefined on the road. */
  readonly watch: FrameWatch | undefined;
}

/** Reads at `at`, moves it, and puts what it finds into the object. */
export type Step = (reading: FrameReading, into: Making) => Problem | undefined;

export interface Compiled {
  readonly step: Step;
  /** Bytes that it takes. */
  readonly min: number;
  readonly max: number;
}

export function problem(expected: string, came: string): Problem {
  return { expected, came };
}

/** Of a block that has too few bytes left. */
export function tooShort(reading: FrameReading, name: string, bytes: number): Problem {
  const left = reading.end - reading.at;
  return problem(`${bytes} bytes for ${name} at byte ${reading.at}`, `${left} more`);
}

export function hexOf(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let at = from; at < to && at < bytes.length; at++) text += bytes[at]!.toString(16).padStart(2, "0");
  return text;
}
