import type { Observation } from "@messnetz/model";
import type { RefusedObservation } from "../errors.ts";
import type { ObservationStore, RemovalQuery } from "../port.ts";

export type InfluxEvent =
  /** The server refuses the account, or has no such database or bucket: an operator is needed. What should be written stays where it is. */
  | { readonly kind: "misconfigured"; readonly cause: Error }
  /** The server cannot be reached or says that it cannot now; it is asked again. */
  | { readonly kind: "unavailable"; readonly cause: Error }
  /** Lines that the server will never take; they are given back to who wrote them. */
  | { readonly kind: "refused"; readonly count: number; readonly reason: string };

export interface InfluxAddress {
  /** `http://127.0.0.1:8086`; a path before `/write` and `/query` may stand behind it. */
  readonly url: string;
  /** Database of 1.x, bucket of 2.x. It must be there. */
  readonly database: string;
  /** Organisation of 2.x, where the token belongs to several. */
  readonly org?: string;
  readonly token?: string;
  readonly username?: string;
  readonly password?: string;
  /** For an answer to begin and for each part of it to come; a write must be over by then. */
  readonly timeoutMs: number;
}

export interface InfluxStoreOptions extends InfluxAddress {
  /** The domain that a thing has now: the tag of what is written from now on. */
  domainOf(thing: string): string;
  readonly onEvent?: (event: InfluxEvent) => void;
  /** Ends the wait for a server that is not there yet. */
  readonly signal?: AbortSignal;
}

export interface PreparedWrite {
  /** Per observation one of `fates`. One that will be refused counts as added. */
  readonly fates: Uint8Array;
  /**
   * Durable when it resolves, but for those that are refused. Rejects with a `StoreUnavailableError` when nothing may be taken for stored;
   * it may be called again then.
   */
  write(): Promise<{ readonly refused: readonly RefusedObservation[] }>;
}

/**
 * Observations in InfluxDB 1.x or 2.x. One process writes a datastream, and prepares its next observations when the last are written.
 * Instants are those of a 64-bit count of nanoseconds, 1677 to 2262; ordinals are below a million.
 */
export interface InfluxStore extends ObservationStore {
  /** Says what each observation will be before it is written. */
  prepare(observations: readonly Observation[]): Promise<PreparedWrite>;
  /** What another process has written, or is about to: keeps `latest` and the list of datastreams fresh. */
  observe(observations: readonly Observation[]): void;
  /** Asks the server once more for the newest observation of every datastream: for who may have missed what others wrote. */
  learn(): Promise<void>;
  /** Those that have observations, each with the domain of its newest one. */
  datastreams(): readonly { readonly id: string; readonly domain: string }[];
  /** Another process has removed this: what of it is in memory is forgotten, and asked of the server once more. */
  relearn(removed: RemovalQuery): Promise<void>;
  /** Resolves when the server answers to this account about this database. */
  check(): Promise<void>;
  close(): Promise<void>;
}
