import type { EpochMs } from "./time.ts";

export const qualities = ["good", "suspect", "bad"] as const;
export type Quality = (typeof qualities)[number];

/**
 * The checks that may mark an observation. `range`: outside the property's plausible range; `clock`: the device's time was
 * impossible, the time of receipt stands; `late`: older than the limit at receipt; `rate`: changed faster than plausible;
 * `stuck`: has not changed for implausibly long; `device`: the device itself says that something is wrong.
 */
export const checks = ["range", "clock", "late", "rate", "stuck", "device"] as const;
export type Check = (typeof checks)[number];

/**
 * A reading in our words. Identity: (datastream, phenomenonTime, ordinal); writing it twice is writing it once. Of two results for
 * one identity the one with the higher `revision` stands, then the one received first.
 */
export interface Observation {
  /** `<thing>/<property>[.<channel>]` */
  readonly datastream: string;
  /** Of an amount: the end of its interval. */
  readonly phenomenonTime: EpochMs;
  /** Only of an amount: the begin of its interval. */
  readonly intervalStart?: EpochMs;
  /** 0 except where one message carries several results of one datastream for one instant. */
  readonly ordinal: number;
  /** When we received it. */
  readonly resultTime: EpochMs;
  /** In the canonical unit of the observed property; a word for a `state` with words. Never NaN or infinite. */
  readonly result: number | string;
  readonly quality: Quality;
  /** Empty when the quality is good. */
  readonly checks: readonly Check[];
  /** Of the decoding that made it: a later decoding corrects an earlier one. */
  readonly revision: number;
  /** What an impossible device clock said, kept beside the time of receipt. */
  readonly deviceTime?: EpochMs;
}
