import { boundaryKinds, type CalendarChunk, sharesOf } from "@messnetz/calendar";
import { toIso } from "@messnetz/model";
import { type RowsQuery, toldSeries, viewWindow } from "./aggregate-rows.ts";
import type { Series, SeriesSource } from "./aggregate-series.ts";
import { type AggregateName, type DatastreamWords, nothing, viewEvents, viewValues } from "./aggregate-values.ts";

/**
 * The rows of `aggregateRows` as the text that JSON makes of them, those of a datastream with commas between: written from the columns, which
 * takes a third of the time of objects. Names and instants of the windows are written once for all datastreams.
 */
export async function* aggregateTexts(source: SeriesSource, query: RowsQuery): AsyncGenerator<string> {
  const views = query.windows.map((window) => membersOf(viewWindow(window)));
  for await (const { series, words, earlierAt } of toldSeries(source, query)) {
    const begin = membersOf({ datastream: series.datastream, unit: words.unit });
    const writeValues = valuesWriter(words);
    let text = "";
    for (let window = 0; window < views.length; window++) {
      text += `${window === 0 ? "" : ","}{${begin},${views[window]!},${writeValues(series, window)}`;
      const earlier = earlierAt(window);
      if (earlier !== undefined) {
        const values = writeValues(earlier.series, earlier.at);
        text += `,"compared":{${membersOf(viewWindow(earlier.window))},${values}}`;
      }
      text += "}";
    }
    yield text;
  }
}

const nothingText = membersOf(viewValues(nothing, { names: [], held: { unit: "", factor: 1 } }));
const boundaryTexts = boundaryKinds.map((kind) => JSON.stringify(kind));

/** The members of an object without its braces. */
function membersOf(members: object): string {
  return JSON.stringify(members).slice(1, -1);
}

/** What `viewValues` gives, as text. */
function valuesWriter({ names, held }: Pick<DatastreamWords, "names" | "held">) {
  const told = [...new Set(names)];
  const heldUnit = JSON.stringify(held.unit);

  function write(chunk: CalendarChunk, row: number): string {
    const count = chunk.count[row]!;
    const bad = chunk.bad[row]!;
    const suspect = chunk.suspect[row]!;
    const all = count + bad;
    let text = `"count":${count}${member("expected", chunk.expected[row]!)}${member("covered", chunk.covered[row]!)}`;
    text += `,"complete":${chunk.complete[row] === 1},"suspect":${suspect === 0 ? 0 : suspect / all},"bad":${bad === 0 ? 0 : bad / all}`;
    for (const name of told) text += writeNamed(name, chunk, row);
    return text;
  }

  function writeNamed(name: AggregateName, chunk: CalendarChunk, row: number): string {
    switch (name) {
      case "sum":
      case "mean":
        return member(name, chunk[name][row]!);
      case "integral": {
        const integral = member(name, chunk.integral[row]! * held.factor);
        return integral === "" ? "" : `${integral},"integralUnit":${heldUnit}`;
      }
      case "min":
      case "max":
      case "first":
      case "last": {
        const value = member(name, chunk[name][row]!);
        return value === "" ? "" : `${value},"${name}Time":"${toIso(chunk[`${name}Time`][row]!)}"`;
      }
      case "consumption":
        return (
          member(name, chunk.consumption[row]!) +
          boundary("begin", chunk.begin[row]!, chunk.beginReading[row]!) +
          boundary("end", chunk.end[row]!, chunk.endReading[row]!)
        );
      case "events": {
        const events = chunk.events.get(row);
        return events === undefined ? "" : `,"events":${JSON.stringify(viewEvents(events))}`;
      }
      case "states": {
        const durations = chunk.states.get(row);
        return durations === undefined ? "" : `,"states":${JSON.stringify(sharesOf(durations))}`;
      }
      default:
        return name satisfies never;
    }
  }

  return ({ rows }: Series, window: number) =>
    rows === undefined ? nothingText : write(rows.chunk, rows.first + window);
}

function boundary(name: "begin" | "end", kind: number, reading: number): string {
  return kind === 0 ? "" : `${member(`${name}Reading`, reading)},"${name}":${boundaryTexts[kind]!}`;
}

/** What is no number is not told, and JSON has no infinity. */
function member(name: string, value: number): string {
  if (Number.isNaN(value)) return "";
  return `,"${name}":${Number.isFinite(value) ? value : "null"}`;
}
