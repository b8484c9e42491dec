import type { ByteSink } from "./byte-sink.ts";
import { textCell } from "./csv-cell.ts";
import { propertyName, wordsOf } from "./datastream-words.ts";
import { exportColumns, type ExportLanguage, type ExportOptions } from "./export-format.ts";
import { createLocalWriter, createUtcWriter, type TimeWriter } from "./time-text.ts";
import { unitSymbol } from "./unit-symbol.ts";

/** What the dialects of CSV differ in. */
export interface CsvLayout {
  readonly separator: string;
  readonly decimalMark: "." | ",";
  /** All that stands before the first row. */
  readonly head: string;
  /** The cells from datastream to channel, each with its separator after it. */
  lead(datastream: string): string;
  unit(datastream: string): string;
  /** Phenomenon time and begin of the interval: one cell or two. NaN leaves them empty. */
  readonly putTime: TimeWriter;
  readonly putReceipt: TimeWriter;
}

export function rfc4180Layout(options: ExportOptions): CsvLayout {
  const separator = ",";
  const putUtc = createUtcWriter();
  const putIntervalOrTime = leaveAbsent(createUtcWriter());
  return {
    separator,
    decimalMark: ".",
    head: `${exportColumns.join(separator)}\r\n`,
    lead(datastream) {
      const { thing, property, channel } = wordsOf(datastream, options.catalogue);
      return cells([datastream, thing, property, channel ?? ""], separator);
    },
    unit: (datastream) => textCell(wordsOf(datastream, options.catalogue).unit, separator),
    putTime: putIntervalOrTime,
    putReceipt: putUtc,
  };
}

const byteOrderMark = "\u{FEFF}";

/** Reads without a question in a spreadsheet with decimal comma; Europe/Berlin and German words unless told otherwise. */
export function officeLayout(options: ExportOptions): CsvLayout {
  const separator = ";";
  const language = options.language ?? "de";
  const timeZone = options.timeZone ?? "Europe/Berlin";
  const putLocal = leaveAbsent(createLocalWriter(timeZone));
  const putUtc = leaveAbsent(createUtcWriter());
  const putTime = (sink: ByteSink, instant: number) => {
    putLocal(sink, instant);
    sink.byte(separator.charCodeAt(0));
    putUtc(sink, instant);
  };
  return {
    separator,
    decimalMark: ",",
    head: `${byteOrderMark}${officeHeader(language, timeZone, resultHeader(options, language)).join(separator)}\r\n`,
    lead(datastream) {
      const { thing, property, channel } = wordsOf(datastream, options.catalogue);
      return cells([datastream, thing, propertyName(property, options.catalogue, language), channel ?? ""], separator);
    },
    unit: (datastream) => textCell(unitSymbol(wordsOf(datastream, options.catalogue).unit), separator),
    putTime,
    putReceipt: createUtcWriter(),
  };
}

/** `Wasserstand [cm]` where all results are of one observed property. */
function resultHeader({ property, catalogue }: ExportOptions, language: ExportLanguage): string {
  if (property === undefined) return language === "de" ? "Messwert" : "Result";
  const unit = unitSymbol(catalogue.get(property)?.unit ?? "");
  const name = propertyName(property, catalogue, language);
  return textCell(unit === "" ? name : `${name} [${unit}]`, ";");
}

function officeHeader(language: ExportLanguage, timeZone: string, result: string): readonly string[] {
  return language === "de"
    ? [
        "Datenreihe",
        "Messstelle",
        "Messgröße",
        "Kanal",
        `Zeit (${timeZone})`,
        "Zeit (UTC)",
        `Intervallbeginn (${timeZone})`,
        "Intervallbeginn (UTC)",
        result,
        "Zustand",
        "Einheit",
        "Güte",
        "Auffälligkeiten",
        "Empfangen (UTC)",
      ]
    : [
        "Datastream",
        "Thing",
        "Observed property",
        "Channel",
        `Time (${timeZone})`,
        "Time (UTC)",
        `Interval start (${timeZone})`,
        "Interval start (UTC)",
        result,
        "State",
        "Unit",
        "Quality",
        "Checks",
        "Received (UTC)",
      ];
}

function leaveAbsent(put: TimeWriter): TimeWriter {
  return (sink, instant) => {
    if (!Number.isNaN(instant)) put(sink, instant);
  };
}

function cells(texts: readonly string[], separator: string): string {
  return texts.map((text) => textCell(text, separator) + separator).join("");
}
