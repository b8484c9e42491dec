import type {
  BytesSeen,
  ByteSpan,
  CodecRunner,
  DecodedFrame,
  DeviceProfile,
  FieldSeen,
  PayloadFormat,
  ProfileQuery,
  RawFrame,
} from "@messnetz/formats";
import { describeBytes, describeSpan } from "./describe-bytes.ts";
import { matchesTopic } from "./topic-filter.ts";
import type { PipelineOptions } from "./pipeline.ts";
import type { Trail } from "./trail.ts";

/** The same format, which tells when it is asked. */
export function watchFormat(format: PayloadFormat, topic: string, trail: Trail): PayloadFormat {
  const filter = format.topics.find((candidate) => matchesTopic(candidate, topic));
  return {
    ...format,
    recognises(message) {
      const isOurs = format.recognises(message);
      const by =
        filter === undefined || filter === "#" ? "its content" : `the topic, which fits ${filter}, or its content`;
      trail.add("format", format.name, isOurs ? `yes, by ${by}` : noOf(filter));
      return isOurs;
    },
    decode(message, context) {
      trail.format = format.name;
      const { state } = context;
      const watched =
        state === undefined
          ? context
          : {
              ...context,
              state(key: string) {
                const value = state(key);
                trail.add(
                  "memory",
                  key,
                  value === undefined ? "nothing is remembered under it" : `remembered: ${JSON.stringify(value)}`,
                );
                return value;
              },
            };
      const decoded = format.decode(message, watched);
      if ("skip" in decoded) trail.skip = decoded.skip;
      trail.add("format", format.name, `decodes: ${saysOf(decoded)}`);
      return decoded;
    },
  };
}

function noOf(filter: string | undefined): string {
  return filter === undefined || filter === "#"
    ? "no: it goes by content, and this is not of its kind"
    : `no: the topic fits ${filter}, the rest of the topic or the content is not of its kind`;
}

function saysOf(decoded: ReturnType<PayloadFormat["decode"]>): string {
  if ("code" in decoded) return `refused, ${decoded.code}: expected ${decoded.expected}; came ${decoded.came}`;
  if ("skip" in decoded) return `measures nothing: ${decoded.skip}`;
  const { readings, refusals = [] } = decoded;
  return `${readings.length} readings${refusals.length === 0 ? "" : `, ${refusals.length} fields refused`}`;
}

interface Knowledge {
  readonly profiles: PipelineOptions["profiles"];
  readonly codecs: CodecRunner | undefined;
  readonly detail: "steps" | "readings";
}

/** The same profiles and codecs, which tell what they are asked and what they answer. */
export function watchKnowledge(
  { profiles, codecs, detail }: Knowledge,
  trail: Trail,
): Pick<PipelineOptions, "profiles" | "codecs"> {
  const watched = new Map<DeviceProfile, DeviceProfile>();
  function watch(profile: DeviceProfile): DeviceProfile {
    let made = watched.get(profile);
    if (made === undefined) watched.set(profile, (made = watchProfile(profile, trail)));
    return made;
  }
  return {
    profiles: {
      profile(query) {
        const found = profiles.profile(query);
        trail.add("profile", found?.name ?? "none", whyProfile(query, found, profiles));
        if (found !== undefined) trail.profile = found.name;
        return found === undefined ? undefined : watch(found);
      },
    },
    ...(codecs !== undefined && {
      codecs: {
        run(profile, frame) {
          const decoded = codecs.run(profile, frame);
          trail.add("frame", profile.name, describeFrame("codec", frame, decoded));
          if (detail === "steps" && "decoded" in decoded)
            traceFrame(codecs, { profile, frame, decoded: decoded.decoded }, trail);
          return decoded;
        },
      },
    }),
  };
}

function whyProfile(query: ProfileQuery, found: DeviceProfile | undefined, profiles: Knowledge["profiles"]): string {
  const { names, port, fields } = query;
  const asked = [
    names.length === 0 ? "no name" : `the names ${names.map((name) => `"${name}"`).join(", ")}`,
    ...(port === undefined ? [] : [`port ${port}`]),
    ...(fields === undefined
      ? []
      : [`the fields ${fields.slice(0, shownFields).join(", ")}${fields.length > shownFields ? ", …" : ""}`]),
  ].join(", ");
  if (found === undefined) return `no profile for ${asked}`;
  const at = port === undefined ? {} : { port };
  const name = names.find((candidate) => profiles.profile({ names: [candidate], ...at })?.name === found.name);
  const keys = found.document.match.fields ?? [];
  const why = name === undefined ? `its fields ${keys.join(", ")} are all there` : `"${name}" names it`;
  return `${found.name}, revision ${found.revision}, because ${why} (asked with ${asked})`;
}

const shownFields = 20;

function watchProfile(profile: DeviceProfile, trail: Trail): DeviceProfile {
  const { layout } = profile;
  return {
    ...profile,
    layout: layout && {
      read(frame) {
        const seen: BytesSeen[] = [];
        const result = layout.read({ ...frame, watch: (one) => seen.push(one) });
        trail.add("frame", profile.name, describeFrame("layout", frame, result));
        for (const one of seen) {
          const { about, text } = describeBytes(one, frame.bytes, profile.document);
          trail.add("bytes", about, text);
          const { became, madeOf, from, to, bits } = one;
          if (became.kind === "value" && became.object !== undefined && became.key !== undefined)
            trail.noteBytes(became.object, became.key, madeOf ?? [{ from, to, ...(bits && { bits }) }]);
        }
        return result;
      },
    },
    read(decoded, context) {
      return profile.read(decoded, {
        ...context,
        watch(seen) {
          trail.noteField(seen);
          trail.add("field", seen.path, describeField(seen, trail.bytesOf(seen)));
        },
      });
    },
  };
}

function describeFrame(
  by: "layout" | "codec",
  frame: Pick<RawFrame, "bytes" | "port">,
  result: DecodedFrame | { readonly problem: { readonly expected: string; readonly came: string } },
): string {
  const { bytes, port } = frame;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const head = `${bytes.length} bytes on port ${port}, by its ${by}: ${hex}`;
  if ("problem" in result) return `${head} → expected ${result.problem.expected}; came ${result.problem.came}`;
  if ("code" in result) return `${head} → ${result.code}: expected ${result.expected}; came ${result.came}`;
  return `${head} → ${"skip" in result ? `measures nothing: ${result.skip}` : JSON.stringify(result.decoded)}`;
}

/** Nobody can see into a codec: what hangs on which byte is found out by changing the frame. */
function traceFrame(
  codecs: CodecRunner,
  {
    profile,
    frame,
    decoded,
  }: { readonly profile: DeviceProfile; readonly frame: RawFrame; readonly decoded: Readonly<Record<string, unknown>> },
  trail: Trail,
): void {
  const traced = codecs.trace?.(profile, frame, decoded);
  if (traced === undefined) return;
  const { length } = frame.bytes;
  const upTo = traced.tried < length ? `; of ${length} bytes only the first ${traced.tried} were tried` : "";
  for (const { object, key, spans } of traced.values) {
    trail.noteBytes(object, key, spans);
    const on = spans.length === 0 ? "no byte" : spans.map(describeSpan).join("; ");
    trail.add("bytes", key, `hangs on ${on}, found by changing each${upTo}; by the codec ${profile.document.codec}`);
  }
}

function describeField({ raw, became }: FieldSeen, bytes: readonly ByteSpan[] = []): string {
  const from = bytes.length === 0 ? "" : ` (${bytes.map(describeSpan).join("; ")})`;
  const shown = `${JSON.stringify(raw)}${from}`;
  switch (became.kind) {
    case "reading":
      return `${shown} → ${became.field === undefined ? "the registry explains it" : describeMeaning(became.field, became.reading.value)}`;
    case "refused":
      return `${shown} → refused, ${became.reason.code}: expected ${became.reason.expected}`;
    case "none":
      return `${shown} → no value, by ${became.field.invalid?.includes(raw) === true ? "`invalid`" : "`invalid` or `valid`"} of the profile`;
    case "skip":
      return `${shown} → the whole message measures nothing`;
    case "time":
      return `${shown} → the time of what is beside and below`;
    default:
      return `${shown} → no reading: ${became.why}`;
  }
}

type Field = Extract<FieldSeen["became"], { kind: "none" }>["field"];

function describeMeaning(field: Field, value: number | string | boolean): string {
  const how = [
    ...(field.enum === undefined ? [] : ["enum"]),
    ...(field.scale === undefined ? [] : [`× ${field.scale}`]),
    ...(field.factorField === undefined ? [] : [`× ${field.factorField}`]),
    ...(field.offset === undefined ? [] : [`+ ${field.offset}`]),
  ];
  const steps = how.length === 0 ? "" : ` (${how.join(", ")})`;
  const unit = field.unit ?? (field.unitField === undefined ? "" : `by ${field.unitField}`);
  return `${field.property}: ${JSON.stringify(value)} ${unit}${steps}`.trimEnd();
}
