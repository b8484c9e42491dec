import { toIso } from "@messnetz/model";
import { type ByteSink, utf8 } from "../byte-sink.ts";
import { putDecimal, putDigits, putFraction } from "../decimal-text.ts";
import type { ExportLanguage } from "../export-format.ts";
import { hasLocalTime } from "../people-columns.ts";
import { numberColumn, type TableChunk, type TableColumn, type TableShape, textColumn } from "../table.ts";
import { createOffsetFinder } from "../time-text.ts";
import { styles } from "./workbook-parts.ts";
import { looksLikeFormula, xmlText } from "./xml-text.ts";

/** Puts row `row` of the chunk it was made for as row `number` (from 1) of the sheet. */
type SheetRowWriter = (sink: ByteSink, row: number, number: number) => void;
/** Puts a cell, or nothing where there is no value. `number`: of the row, as digits. */
type CellWriter = (sink: ByteSink, row: number, number: Uint8Array) => void;

const point = 46;
const rowBegin = utf8('<row r="');
const headEnd = utf8('">');
const rowEnd = utf8("</row>");
const valueBegin = utf8('"><v>');
const timeBegin = utf8(`" s="${styles.time}"><v>`);
const valueEnd = utf8("</v></c>");
const booleans = [utf8('" t="b"><v>0</v></c>'), utf8('" t="b"><v>1</v></c>')] as const;

export interface RowOptions {
  readonly language: ExportLanguage;
  readonly timeZone: string;
}

/** Gives for a chunk what puts its rows. Cells name their place (`A5`), for not every reader counts. */
export function createSheetRowWriter(
  { columns }: TableShape,
  { language, timeZone }: RowOptions,
): (chunk: TableChunk) => SheetRowWriter {
  const makers: ((chunk: TableChunk) => CellWriter)[] = [];
  columns.forEach((column, at) => {
    const place = () => utf8(`<c r="${columnLetters(makers.length)}`);
    if (column.type === "text") makers.push(textCells(column, { at, place: place(), language }));
    else if (column.type === "boolean") makers.push(booleanCells(at, place()));
    else if (column.type !== "timestamp") makers.push(numberCells(at, place()));
    else {
      if (hasLocalTime(column)) makers.push(timeCells(at, place(), createOffsetFinder(timeZone)));
      makers.push(timeCells(at, place(), () => 0));
    }
  });
  const digitsOf = createRowNumbers();
  return (chunk) => {
    const writers = makers.map((make) => make(chunk));
    const count = writers.length;
    return (sink, row, number) => {
      const digits = digitsOf(number);
      sink.raw(rowBegin);
      sink.raw(digits);
      sink.raw(headEnd);
      for (let n = 0; n < count; n++) writers[n]!(sink, row, digits);
      sink.raw(rowEnd);
    };
  };
}

/** The digits of numbers that come one after the other, in place: they hold until the next is asked for. */
function createRowNumbers(): (number: number) => Uint8Array {
  let last = Number.NaN;
  let digits = utf8("");
  return (number) => {
    let at = digits.length - 1;
    while (at >= 0 && digits[at] === 57) digits[at--] = 48;
    if (number === last + 1 && at >= 0) digits[at]!++;
    else digits = utf8(String(number));
    last = number;
    return digits;
  };
}

/** `A` to `Z`, `AA`, … */
function columnLetters(index: number): string {
  const letter = String.fromCodePoint(65 + (index % 26));
  return index < 26 ? letter : columnLetters(Math.floor(index / 26) - 1) + letter;
}

/** Behind the row's number. Inline: a table of shared texts would have to stay in memory. Of a formula's look the cell says that it is a text. */
function textCellTail(text: string, style?: number): string {
  const shown = style ?? (looksLikeFormula(text) ? styles.quoted : undefined);
  const ofStyle = shown === undefined ? "" : ` s="${shown}"`;
  return `"${ofStyle} t="inlineStr"><is><t xml:space="preserve">${xmlText(text)}</t></is></c>`;
}

/** A row of texts; empty ones have no cell. */
export function textRow(texts: readonly string[], number: number, style?: number): string {
  const cells = texts.map((text, at) =>
    text === "" ? "" : `<c r="${columnLetters(at)}${number}${textCellTail(text, style)}`,
  );
  return `<row r="${number}">${cells.join("")}</row>`;
}

interface TextPlace extends Pick<RowOptions, "language"> {
  readonly at: number;
  readonly place: Uint8Array;
}

function textCells({ shown }: TableColumn, { at, place, language }: TextPlace): (chunk: TableChunk) => CellWriter {
  return (chunk) => {
    const { keys, texts } = textColumn(chunk, at);
    const tails: (Uint8Array | undefined)[] = [];
    const make = (text: string | undefined): Uint8Array => {
      const cell = text === undefined || shown === undefined ? text : shown(text, language);
      return utf8(cell === undefined || cell === "" ? "" : textCellTail(cell));
    };
    return (sink, row, number) => {
      const key = keys[row]!;
      const tail = (tails[key] ??= make(texts[key]));
      if (tail.length === 0) return;
      sink.raw(place);
      sink.raw(number);
      sink.raw(tail);
    };
  };
}

function booleanCells(at: number, place: Uint8Array): (chunk: TableChunk) => CellWriter {
  return (chunk) => {
    const values = numberColumn(chunk, at);
    return (sink, row, number) => {
      const value = values[row]!;
      if (Number.isNaN(value)) return;
      sink.raw(place);
      sink.raw(number);
      sink.raw(booleans[value === 0 ? 0 : 1]);
    };
  };
}

function numberCells(at: number, place: Uint8Array): (chunk: TableChunk) => CellWriter {
  return (chunk) => {
    const values = numberColumn(chunk, at);
    return (sink, row, number) => {
      const value = values[row]!;
      if (!Number.isFinite(value)) return;
      sink.raw(place);
      sink.raw(number);
      sink.raw(valueBegin);
      putDecimal(sink, value, point);
      sink.raw(valueEnd);
    };
  };
}

const dayMs = 86_400_000;
/** Day 0 of the 1900 date system is 1899-12-30, seen from the days after its 29 February 1900, which never was (29500-1, 18.17.4.1). */
const epochDay = 25_569;
const firstDay = 61;
const afterDay = 2_958_466;

/** Serial date; an ISO text where a spreadsheet has none. */
function timeCells(
  at: number,
  place: Uint8Array,
  offsetAt: (instant: number) => number,
): (chunk: TableChunk) => CellWriter {
  return (chunk) => {
    const values = numberColumn(chunk, at);
    return (sink, row, number) => {
      const instant = values[row]!;
      if (Number.isNaN(instant)) return;
      const wall = instant + offsetAt(instant);
      const day = Math.floor(wall / dayMs);
      sink.raw(place);
      sink.raw(number);
      if (day + epochDay < firstDay || day + epochDay >= afterDay) {
        sink.text(textCellTail(toIso(wall).slice(0, -1)));
        return;
      }
      sink.raw(timeBegin);
      putSerial(sink, day + epochDay, wall - day * dayMs);
      sink.raw(valueEnd);
    };
  };
}

/** A millisecond is 1.2e-8 of a day: ten decimals keep it, up to 17 microseconds late, for many programs cut what is below a millisecond. */
const decimals = 10;

function putSerial(sink: ByteSink, day: number, ofDayMs: number): void {
  sink.reserve(32);
  putDigits(sink, day);
  if (ofDayMs === 0) return;
  sink.bytes[sink.length++] = point;
  const share = ofDayMs / dayMs;
  // Noon is exactly a half; all that a double does not hold exactly could come out below its millisecond.
  const isExact = Number.isInteger(share * 2 ** decimals);
  putFraction(sink, Math.ceil(share * 10 ** decimals) + (isExact ? 0 : 1), decimals);
}
