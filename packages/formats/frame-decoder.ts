import { type EpochMs, type Refusal, refusal } from "@messnetz/model";
import type { DecodeContext } from "./format.ts";
import type { JsonObject } from "./json-object.ts";
import type { ByteSpan } from "./layout/watch-bytes.ts";
import type { DeviceProfile } from "./profile.ts";

/** A frame as a device sent it by radio, which no network server has decoded. */
export interface RawFrame {
  /** External id. */
  readonly device: string;
  /** Names that may tell the model, as in a `ProfileQuery`. */
  readonly names: readonly string[];
  readonly port: number;
  readonly bytes: Uint8Array;
  /** Of the uplink, or else of receipt: frames tell times as "so many minutes ago". */
  readonly time: EpochMs;
}

/** Plain JSON as a network server would have decoded it; or why the frame measures nothing; `no_codec` or `codec_failed`. */
export type DecodedFrame = { readonly decoded: JsonObject } | { readonly skip: string } | Refusal;

/** A value of a decoded object, and the bytes that it hangs on. */
export interface ValueBytes {
  readonly object: object;
  readonly key: string;
  readonly spans: readonly ByteSpan[];
}

/** Runs codecs that profiles bring in JavaScript: bounded in time, memory and output; the same for the same frame. */
export interface CodecRunner {
  run(profile: DeviceProfile, frame: RawFrame): DecodedFrame;
  /**
   * The bytes that each value of `decoded` hangs on, which the codec made of the frame: found by changing the frame and running it again, because
   * nobody can see into it. `tried` is how many bytes were changed before the time for it was over.
   */
  trace?(
    profile: DeviceProfile,
    frame: RawFrame,
    decoded: JsonObject,
  ): { readonly values: readonly ValueBytes[]; readonly tried: number };
}

/** By the byte layout of the device's profile, else by its codec. */
export function createFrameDecoder(
  context: Pick<DecodeContext, "profile" | "device">,
  codecs: CodecRunner | undefined,
): (frame: RawFrame) => DecodedFrame {
  return function decodeFrame(frame) {
    const known = context.device(frame.device)?.profile;
    const names = known === undefined ? frame.names : [known, ...frame.names];
    const profile = context.profile({ names, port: frame.port });
    if (profile?.layout !== undefined) return readByLayout(profile, frame);
    if (profile?.codec !== undefined && codecs !== undefined) return codecs.run(profile, frame);
    return noCodec(frame, profile);
  };
}

function readByLayout({ name, layout }: DeviceProfile, frame: RawFrame): DecodedFrame {
  const result = layout!.read(frame);
  if (!("problem" in result)) return result;
  const { expected, came } = result.problem;
  return { ...refusal("codec_failed", `by the layout of profile ${name}: ${expected}`, came), device: frame.device };
}

/** Nothing here can decode the frame: tells what would. */
function noCodec({ device, names, bytes }: RawFrame, profile: DeviceProfile | undefined): Refusal {
  const model = names.length === 0 ? "the device" : names.map((name) => `"${name}"`).join(" or ");
  const cure =
    profile === undefined
      ? `a profile of ${model} with a layout or codec: add one, or name it in the device's registry entry`
      : `a layout or codec in profile ${profile.name}`;
  return {
    ...refusal("no_codec", `${cure}; or a decoded object by the network server; then replay`, hexOf(bytes)),
    device,
  };
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, shownBytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const shownBytes = 64;
