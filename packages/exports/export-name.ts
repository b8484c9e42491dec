import { type EpochMs, toIso } from "@messnetz/model";
import type { Compression } from "./compression.ts";
import type { ExportFormat } from "./export-format.ts";

export interface ExportNameParts {
  /** What is in it, from the coarse to the fine: `["water", "weir-1", "water_level"]`. */
  readonly what: string | readonly string[];
  /** The span is half-open; absent where it is open. */
  readonly from?: EpochMs;
  readonly to?: EpochMs;
  /** Zone in which whole days, months and years are told as such; default `Europe/Berlin`. */
  readonly timeZone?: string;
  /** Of aggregates: `hour`, `gas-day`. */
  readonly window?: string;
  readonly format: Pick<ExportFormat, "extension">;
  readonly compression?: Pick<Compression, "extension">;
}

const maxWhatLength = 120;

/**
 * A file name that tells content and span, in letters that every file system and header takes: `water_2026-03_hour.csv.gz`,
 * `weir-1_water_level_2026-01--2026-03.parquet` (the last one is in it, as ISO 8601 has it), and, where the span is not of whole days of the
 * zone, `weir-1_2026-03-01T0000Z--2026-03-01T0615Z.csv`.
 */
export function exportName({ what, from, to, window, format, compression, timeZone }: ExportNameParts): string {
  const whats = (typeof what === "string" ? [what] : what).map(safe).filter((part) => part !== "");
  const content = (whats.length === 0 ? "messnetz" : whats.join("_")).slice(0, maxWhatLength);
  const parts = [content, spanText({ from, to, timeZone: timeZone ?? "Europe/Berlin" })];
  if (window !== undefined) parts.push(safe(window));
  const extensions = [format.extension, ...(compression === undefined ? [] : [compression.extension])];
  return [parts.join("_"), ...extensions].join(".");
}

const spelled = new Map([
  ["ä", "ae"],
  ["ö", "oe"],
  ["ü", "ue"],
  ["Ä", "Ae"],
  ["Ö", "Oe"],
  ["Ü", "Ue"],
  ["ß", "ss"],
]);

/** A leading point would hide the file, a leading minus would be an option of a command. */
function safe(text: string): string {
  return text
    .normalize("NFC")
    .replaceAll(/[äöüÄÖÜß]/g, (letter) => spelled.get(letter)!)
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^A-Za-z0-9_.-]+/g, "-")
    .replaceAll(/\.{2,}/g, ".")
    .replaceAll(/^[-.]+|[-.]+$/g, "");
}

interface Span {
  readonly from: EpochMs | undefined;
  readonly to: EpochMs | undefined;
  readonly timeZone: string;
}

function spanText({ from, to, timeZone }: Span): string {
  if (from === undefined && to === undefined) return "all";
  if (from === undefined) return `until-${stamp(to!)}`;
  if (to === undefined) return `since-${stamp(from)}`;
  const first = wholeDay(from, timeZone);
  const next = wholeDay(to, timeZone);
  if (first === undefined || next === undefined || from >= to) return `${stamp(from)}--${stamp(to)}`;
  const last = next.subtract({ days: 1 });
  const length = first.day === 1 && next.day === 1 ? (first.month === 1 && next.month === 1 ? 4 : 7) : 10;
  const [begin, end] = [first, last].map((date) => date.toString().slice(0, length));
  return begin === end ? begin! : `${begin}--${end}`;
}

/** The date that begins at this instant, or nothing where none does. */
function wholeDay(instant: EpochMs, timeZone: string): Temporal.PlainDate | undefined {
  const moment = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone);
  return moment.startOfDay().equals(moment) ? moment.toPlainDate() : undefined;
}

function stamp(instant: EpochMs): string {
  const text = toIso(instant);
  const seconds = instant % 60_000 === 0 ? 16 : instant % 1000 === 0 ? 19 : 23;
  return `${text.slice(0, seconds).replaceAll(":", "")}Z`;
}
