/** One received message, or a further part of it, as the bus tells it beside the observations. */
export interface ReceivedRow {
  /** Of receipt, in the town's time zone: YYYY-MM-DD. */
  readonly day: string;
  readonly source: string;
  readonly device: string;
  /** How many of the observations beside the rows are its, in their order. */
  readonly observations: number;
  /** Sum of `rowFlags`. */
  readonly flags: number;
}

/** What is known of a received message beside its observations: bits of a row's flags. */
export const rowFlags = {
  /** A delivery that was seen before. */
  repeated: 1,
  /** Its raw bytes are newly in the quarantine, and it has observations (`partial`). Without observations the entry itself is counted. */
  kept: 2,
  /** The quarantine had no room for it. */
  full: 4,
  /** Its raw bytes were in the quarantine before. */
  known: 8,
  /** More observations of the message before, which was too large for one bus message: counts observations, but no message. */
  continued: 16,
} as const;
