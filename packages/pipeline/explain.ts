import { bareFormatNames, bareFormats, type CodecRunner, type JsonValue, type PayloadFormat } from "@messnetz/formats";
import { type Catalogue, type DeviceAndThing, type Directory, type Source, sourceSchema } from "@messnetz/model";
import { adoptedThing } from "./adopt.ts";
import type { History } from "./assess.ts";
import { describeReading } from "./describe-reading.ts";
import type { Explanation, ExplainedDevice, ExplainedReading, Question } from "./explanation.ts";
import { createLanes } from "./lanes.ts";
import { createPipeline, type PipelineOptions } from "./pipeline.ts";
import type { ReadingSeen, RoadResult } from "./road.ts";
import { matchesTopic } from "./topic-filter.ts";
import { createTrail, type Trail } from "./trail.ts";
import { watchFormat, watchKnowledge } from "./watch-road.ts";

export interface ExplainOptions {
  readonly formats: readonly PayloadFormat[];
  readonly profiles: PipelineOptions["profiles"];
  readonly codecs?: CodecRunner;
  readonly catalogue: Catalogue;
  /** What whoever asks may know of the registry. */
  readonly directory: Pick<Directory, "source" | "device">;
  /** What formats remember of a credential's messages; without it nothing. */
  readonly recall?: (source: string, format: string, key: string) => JsonValue | undefined;
  readonly most?: { readonly readings: number; readonly steps: number };
  /** Whether anybody wants to see the bytes of frames, which takes time with a codec. Default: yes. */
  readonly detail?: "steps" | "readings";
}

/**
 * Sends one message down the road of a town and tells each step. Nothing is stored, adopted or remembered, and the marks that need the past
 * (`rate`, `stuck`) are not given. A device that the registry does not have is taken as if it had it, and told. Never throws for anything that
 * a message may hold. The names of format, profile and credential must be known ones.
 */
export function explain(question: Question, options: ExplainOptions): Explanation {
  const trail = createTrail(options.most?.steps ?? Infinity);
  const directory = createTrialDirectory(question, options.directory);
  const seen: ReadingSeen[] = [];
  const { formats, ...pinned } = formatsFor(question, options.formats, trail);
  tellNotAsked(question, formats, trail);
  const { recall, profiles, codecs, detail = "steps" } = options;
  const known = watchKnowledge({ profiles, codecs, detail }, trail);
  const road = createPipeline({
    formats: formats.map((format) => watchFormat(format, question.topic, trail)),
    ...known,
    catalogue: options.catalogue,
    directory: { ...directory, source: (id) => ({ ...directory.source(id), ...pinned }) },
    history: noHistory,
    ...(recall !== undefined && question.source !== undefined && { recall }),
    watch: (one) => seen.push(one),
  });
  const { topic, payload, receivedAt } = question;
  const result = road({ topic, payload, receivedAt, source: trialSource });
  const devices = new Map<string, ExplainedDevice>();
  const told = [...seen.map(({ reading }) => reading.device), result.device];
  for (const id of told) {
    if (id !== "" && !devices.has(id)) devices.set(id, fateOf(id, trail.format ?? "", { question, options }));
  }
  for (const { id, fate } of devices.values()) trail.add("device", id, fate);
  const readings = readingsOf(seen, { devices, directory, options, trail });
  return {
    outcome: outcomeOf(result, readings.list.length + readings.leftOut),
    ...(trail.format !== undefined && { format: trail.format }),
    ...(trail.profile !== undefined && { profile: trail.profile }),
    readings: readings.list,
    refusals: result.refusals,
    ...(trail.skip !== undefined && { skip: trail.skip }),
    devices: [...devices.values()],
    steps: trail.steps,
    leftOut: { readings: readings.leftOut, steps: trail.leftOut },
  };
}

/** Else several readings of one message would have one another for their past. */
const noHistory: History = { trace: () => undefined, begin: () => undefined };

const trialSource = "trial";
const trialOperator = "trial";
const adoptAll = { format: "*", domain: "environment" } as const;

interface TrialDirectory extends Directory {
  source(id: string): Source;
}

/** The registry as it would be if it had every device, all of one operator. */
function createTrialDirectory(question: Question, known: ExplainOptions["directory"]): TrialDirectory {
  const credential = question.source === undefined ? undefined : known.source(question.source);
  const timeZone = question.timeZone ?? credential?.timeZone;
  const source = {
    ...sourceSchema.parse({ id: trialSource, operator: trialOperator, topics: ["#"], adopt: [adoptAll] }),
    ...(timeZone !== undefined && { timeZone }),
    ...(credential?.format !== undefined && { format: credential.format }),
  };
  return {
    version: 0,
    source: () => source,
    thing: () => undefined,
    device(id): DeviceAndThing | undefined {
      const found = known.device(id);
      if (found === undefined && question.profile === undefined) return undefined;
      const pretended = found ?? adoptedThing(id, source, adoptAll);
      if (pretended === undefined) return undefined;
      const { device, thing } = pretended;
      const { profile = device.profile } = question;
      return {
        device: { ...device, ...(profile !== undefined && { profile }) },
        thing: { ...thing, operator: trialOperator },
      };
    },
  };
}

/**
 * The formats that are asked, and the one that is pinned. A payload of which port or profile is told, and no topic or format, has no envelope
 * where its content is not one of those.
 */
function formatsFor(question: Question, formats: readonly PayloadFormat[], trail: Trail) {
  const { device = "bare:0", port, profile, format, topic } = question;
  const isBare = bareFormatNames.some((name) => name === format);
  if (!isBare && (format !== undefined || topic !== "" || (port === undefined && profile === undefined))) {
    return { formats, ...(format !== undefined && { format }) };
  }
  const bare = bareFormats({ device, names: [], port: port ?? defaultPort });
  if (port === undefined)
    trail.add("format", "port", `no port was told; a bare frame or object is taken as one of port ${defaultPort}`);
  if (isBare) return { formats: bare, format: format! };
  return { formats: port === undefined ? [...formats, ...bare] : bare };
}

/** Formats whose topics do not fit are not asked at all; a format that is pinned is asked nothing but to decode. */
function tellNotAsked({ topic, format, source }: Question, formats: readonly PayloadFormat[], trail: Trail): void {
  if (format !== undefined) return trail.add("format", format, "the asker says that it is of this format");
  const silent = formats.filter(({ topics }) => !topics.some((filter) => matchesTopic(filter, topic)));
  if (silent.length === 0 || source !== undefined) return;
  const why = topic === "" ? "no topic was told, and they go by topic" : `${topic} fits none of their topics`;
  trail.add("format", "not asked", `${silent.map(({ name }) => name).join(", ")}: ${why}`);
}

/** The first port of applications (LoRaWAN L2 1.0.4, 4.3.2). */
const defaultPort = 1;

/** What a town whose registry is the one asked would do with readings of the device. */
function fateOf(
  id: string,
  format: string,
  { question, options }: { question: Question; options: ExplainOptions },
): ExplainedDevice {
  const { directory, catalogue } = options;
  const found = directory.device(id);
  const credential = question.source === undefined ? undefined : directory.source(question.source);
  const thing = found === undefined ? {} : { thing: found.thing.id };
  if (credential === undefined) {
    const fate =
      found === undefined ? `the registry does not have ${id}: ${notKnown}` : `${id} is a device of ${found.thing.id}`;
    return { id, isKnown: found !== undefined, ...thing, fate };
  }
  const registry: Directory = { version: 0, thing: () => undefined, ...pick(directory) };
  const lanes = createLanes(catalogue, registry).deviceLanes(credential, format, id);
  const real = lanes.found;
  const fate =
    "code" in real
      ? `credential ${credential.id} brings it: ${real.code}, expected ${real.expected}`
      : `${id} ${lanes.isAdopted ? "would be adopted as" : "is a device of"} ${real.thing.id}`;
  return { id, isKnown: found !== undefined, ...thing, fate };
}

function pick({ source, device }: ExplainOptions["directory"]): ExplainOptions["directory"] {
  return { source: (id) => source(id), device: (id) => device(id) };
}

const notKnown =
  "a town keeps the message in quarantine (unknown_device) until the device is registered, unless the credential adopts it";

function readingsOf(
  seen: readonly ReadingSeen[],
  asked: {
    readonly devices: ReadonlyMap<string, ExplainedDevice>;
    readonly directory: Directory;
    readonly options: ExplainOptions;
    readonly trail: Trail;
  },
): { readonly list: readonly ExplainedReading[]; readonly leftOut: number } {
  const { devices, directory, options, trail } = asked;
  const most = options.most?.readings ?? Infinity;
  const list: ExplainedReading[] = [];
  let leftOut = 0;
  for (const one of seen) {
    const { reading } = one;
    const device = directory.device(reading.device)?.device;
    const raw = trail.fieldOf(reading);
    const { explained, text } = describeReading(one, {
      field: device?.fields?.[reading.name],
      raw,
      bytes: trail.bytesOf(raw),
      isKnown: devices.get(reading.device)?.isKnown === true,
    });
    trail.add("reading", reading.name, text);
    if (explained === undefined) continue;
    if (list.length < most) list.push(explained);
    else leftOut++;
  }
  return { list, leftOut };
}

function outcomeOf({ refusals }: RoadResult, readings: number): Explanation["outcome"] {
  if (refusals.length > 0) return readings > 0 ? "partial" : "refused";
  return readings > 0 ? "readings" : "skipped";
}
