import { bitsToChecks, type Catalogue, checks, type ObservationChunk, qualities } from "@messnetz/model";
import { type ByteSink, utf8 } from "./byte-sink.ts";
import { createDatastreamCache, wordsOf } from "./datastream-words.ts";
import { putDecimal } from "./decimal-text.ts";
import { createUtcWriter } from "./time-text.ts";

const point = 46;

export type JsonRowWriter = (sink: ByteSink, chunk: ObservationChunk, row: number) => void;

/** One observation as a JSON object, without anything around it. What is absent is absent. */
export function createJsonRowWriter(catalogue: Catalogue): JsonRowWriter {
  const putPhenomenonTime = createUtcWriter();
  const putOtherTime = createUtcWriter();
  const leads = createDatastreamCache((datastream) => {
    const { thing, property, channel } = wordsOf(datastream, catalogue);
    return utf8(`${JSON.stringify({ datastream, thing, property, channel }).slice(0, -1)},"phenomenonTime":"`);
  });
  const units = new Map<string, Uint8Array>();
  const unitsOf = createDatastreamCache((id) => {
    const { unit } = wordsOf(id, catalogue);
    const text = units.get(unit) ?? utf8(`,"unit":${JSON.stringify(unit)},`);
    units.set(unit, text);
    return text;
  });
  const verdicts = qualities.flatMap((quality) =>
    Array.from({ length: 1 << checks.length }, (_, bits) =>
      utf8(`"quality":"${quality}","checks":${JSON.stringify(bitsToChecks(bits))},"resultTime":"`),
    ),
  );
  let leadOf: readonly Uint8Array[] = [];
  let unitOf: readonly Uint8Array[] = [];
  let current: ObservationChunk | undefined;
  return (sink, chunk, row) => {
    if (chunk !== current) {
      current = chunk;
      leadOf = leads(chunk.datastreams);
      unitOf = unitsOf(chunk.datastreams);
    }
    const datastream = chunk.datastream[row]!;
    sink.raw(leadOf[datastream]!);
    putPhenomenonTime(sink, chunk.phenomenonTime[row]!);
    putOptionalTime(sink, ',"intervalStart":"', chunk.intervalStart[row]!);
    sink.ascii('","result":');
    const word = chunk.word?.[row];
    if (word === undefined) putDecimal(sink, chunk.value[row]!, point);
    else sink.text(JSON.stringify(word));
    sink.raw(unitOf[datastream]!);
    sink.raw(verdicts[(chunk.quality[row]! << checks.length) | chunk.checks[row]!]!);
    putOtherTime(sink, chunk.resultTime[row]!);
    putOptionalTime(sink, ',"deviceTime":"', chunk.deviceTime[row]!);
    sink.ascii('"}');
  };

  /** Closes the text before it and opens the next, so that the caller closes one text in either case. */
  function putOptionalTime(sink: ByteSink, opening: string, instant: number): void {
    if (Number.isNaN(instant)) return;
    sink.byte(34);
    sink.ascii(opening);
    putOtherTime(sink, instant);
  }
}
