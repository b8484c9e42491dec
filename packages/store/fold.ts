import { type AggregateChunk, type Kind, kindOfDatastream, type ObservationChunk, qualities } from "@messnetz/model";
import { createAggregateRows } from "./aggregate-rows.ts";
import { addObservation, openWindow, type OpenWindow } from "./fold-window.ts";

const bad = qualities.indexOf("bad");
const suspect = qualities.indexOf("suspect");

const rowsPerChunk = 8192;

/**
 * Folds observations, ascending by (datastream, time, ordinal), into one row per datastream and fixed UTC window that has any, as
 * `AggregateChunk` says it. `windowMs`: the length of the windows, which begin at its multiples since 1970.
 */
export async function* foldWindows(
  chunks: AsyncIterable<ObservationChunk>,
  windowMs: number,
): AsyncGenerator<AggregateChunk> {
  const rows = createAggregateRows(rowsPerChunk);
  /** Ascending, of one datastream. Two where an amount ends at the instant at which the next window has begun. */
  let open: OpenWindow[] = [];
  let name: string | undefined;
  let kind: Kind | undefined;

  function close(window: OpenWindow): void {
    rows.add(name!, window);
  }

  for await (const chunk of chunks) {
    for (let row = 0; row < chunk.length; row++) {
      const datastream = chunk.datastreams[chunk.datastream[row]!]!;
      const time = chunk.phenomenonTime[row]!;
      if (datastream !== name) {
        open.forEach(close);
        open = [];
        name = datastream;
        kind = kindOfDatastream(datastream);
      }
      while (open.length > 0 && open[0]!.from + windowMs < time) close(open.shift()!);
      const intervalStart = chunk.intervalStart[row]!;
      const end = Number.isNaN(intervalStart) ? time : time - 1;
      const window = windowAt(open, Math.floor(end / windowMs) * windowMs);
      const quality = chunk.quality[row]!;
      if (quality === bad) {
        window.bad += 1;
        continue;
      }
      if (quality === suspect) window.suspect += 1;
      addObservation(window, { time, value: chunk.value[row]!, word: chunk.word?.[row], intervalStart }, kind);
    }
    while (rows.length >= rowsPerChunk) yield rows.take();
  }
  open.forEach(close);
  while (rows.length > 0) yield rows.take();
}

function windowAt(open: OpenWindow[], from: number): OpenWindow {
  for (const window of open) if (window.from === from) return window;
  const window = openWindow(from);
  open.push(window);
  open.sort((a, b) => a.from - b.from);
  return window;
}
