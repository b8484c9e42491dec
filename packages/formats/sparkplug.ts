import { type Refusal, refusal } from "@messnetz/model";
import { deviceIdOf } from "./device-word.ts";
import type { Aftermath, Decoded, DecodeContext, DeviceRequest, Message, PayloadFormat, Remembered } from "./format.ts";
import { maxTextBytes } from "./message.ts";
import { concatenated, messageOf, numberField, textOf } from "./sparkplug-command.ts";
import { birthRecord, readBirth } from "./sparkplug-births.ts";
import { metricReadings } from "./sparkplug-metrics.ts";
import { readSparkplugPayload, type SparkplugPayload } from "./sparkplug-payload.ts";

/**
 * Sparkplug B (3.0.0): `spBv1.0/<group>/<message>/<edge node>[/<device>]`. Birth certificates tell name, datatype and unit of each metric,
 * data may name it by an alias: they are remembered. What no certificate in force has told is refused, and a rebirth is asked for, as it
 * is after a gap in the sequence, of which the values are kept. A unit stands in the property `engUnit`, else in the registry.
 */
export const sparkplug: PayloadFormat = {
  name: "sparkplug-b",
  revision: 1,
  topics: ["spBv1.0/#"],
  specification: "https://sparkplug.eclipse.org/specification/version/3.0/",
  recognises: ({ levels }) => levels[0] === "spBv1.0",
  decode,
};

const births: ReadonlySet<string> = new Set(["NBIRTH", "DBIRTH"]);
const data: ReadonlySet<string> = new Set(["NDATA", "DDATA"]);
const deaths: ReadonlySet<string> = new Set(["NDEATH", "DDEATH"]);

/** Whose message it is, and where is remembered what was told of it. */
interface Publisher {
  readonly device: string;
  readonly group: string;
  readonly edge: string;
  readonly nodeKey: string;
  /** That of the node itself, where no device speaks. */
  readonly key: string;
  readonly seqKey: string;
}

function decode(message: Message, context: DecodeContext): Decoded | Refusal {
  const [, group = "", type = "", edge = "", deviceName] = message.levels;
  if (group === "STATE" || type === "STATE" || type === "NCMD" || type === "DCMD")
    return { skip: "a command, or the state of a host" };
  const isOfDevice = type.startsWith("D");
  if (
    group === "" ||
    edge === "" ||
    isOfDevice !== (deviceName !== undefined && deviceName !== "") ||
    message.levels.length > 5
  )
    return refusal("malformed", "a topic spBv1.0/<group>/<message>/<edge node>[/<device>]", message.topic);
  if (!births.has(type) && !data.has(type) && !deaths.has(type))
    return refusal("malformed", "a message NBIRTH, DBIRTH, NDATA, DDATA, NDEATH or DDEATH", type);
  const node = `${group}/${edge}`;
  const key = isOfDevice ? `${node}/${deviceName}` : node;
  const publisher: Publisher = {
    device: deviceIdOf("spb", key),
    group,
    edge,
    nodeKey: node,
    key,
    seqKey: `seq ${node}`,
  };
  const { device } = publisher;
  if (message.payload.length > maxTextBytes)
    return {
      ...refusal("too_large", `a payload of at most ${maxTextBytes} bytes`, `${message.payload.length} bytes`),
      device,
    };
  const payload = readSparkplugPayload(message.payload);
  if (payload === undefined || payload.uuid === "SPBV1.0_COMPRESSED") {
    const expected =
      payload === undefined ? "a payload of Sparkplug B (Protocol Buffers)" : "a payload that is not compressed";
    return { ...refusal("malformed", expected, `${message.payload.length} bytes`), device };
  }
  if (deaths.has(type)) return onDeath(payload, publisher, context);
  return births.has(type) ? onBirth(payload, publisher, context) : onData(payload, publisher, context);
}

/** A node's will may come after it was born again: only the certificate of the same session ends it. */
function onDeath(payload: SparkplugPayload, publisher: Publisher, context: DecodeContext): Decoded {
  const { device, key, nodeKey, seqKey } = publisher;
  const isOfDevice = key !== nodeKey;
  const skip = "it went away: its last values are stale";
  const born = readBirth(context, key);
  const session = sessionOf(payload);
  const isOlder =
    !isOfDevice && born !== undefined && born.session !== null && session !== null && born.session !== session;
  if (born === undefined || isOlder) return { skip, device };
  const forgotten: Remembered[] = [{ key, value: null }];
  if (!isOfDevice) forgotten.push({ key: seqKey, value: null, isTransient: true });
  return { skip, device, remember: forgotten };
}

function sessionOf({ metrics }: SparkplugPayload): number | null {
  const metric = metrics.find(({ name }) => name === "bdSeq");
  const session = metric?.bits?.unsigned;
  return session === undefined || !Number.isSafeInteger(session) ? null : session;
}

function onBirth(payload: SparkplugPayload, publisher: Publisher, context: DecodeContext): Decoded {
  const { key, nodeKey, device } = publisher;
  const isOfDevice = key !== nodeKey;
  const node = isOfDevice ? readBirth(context, nodeKey) : undefined;
  const bornAt = isOfDevice ? (node?.bornAt ?? 0) : (payload.timestamp ?? 0);
  const session = isOfDevice ? (node?.session ?? null) : sessionOf(payload);
  const sequence = isOfDevice ? watch(payload, publisher, context) : follow(payload, publisher);
  const isOrphan = isOfDevice && node === undefined;
  const request = isOrphan ? rebirth(publisher, "a device was born whose edge node nobody saw born") : sequence.request;
  const record: Remembered = { key, value: birthRecord(payload.metrics, { session, bornAt }) };
  const found = metricReadings(payload, { device, told: (metric) => metricOfBirth(metric), isBirth: true });
  return finish(found, device, {
    remember: [record, ...(sequence.remember ?? [])],
    ...(request !== undefined && { request }),
  });
}

function metricOfBirth(metric: SparkplugPayload["metrics"][number]) {
  return metric.name === undefined ? undefined : { name: metric.name, datatype: metric.datatype, unit: metric.unit };
}

function onData(payload: SparkplugPayload, publisher: Publisher, context: DecodeContext): Decoded {
  const { key, nodeKey, device } = publisher;
  const node = readBirth(context, nodeKey);
  const own = key === nodeKey ? node : readBirth(context, key);
  // A device's certificate ends with its node's session.
  const born = own !== undefined && node !== undefined && own.bornAt === node.bornAt ? own : undefined;
  const sequence = watch(payload, publisher, context);
  const found = metricReadings(payload, {
    device,
    told: (metric) =>
      born?.metric(metric) ??
      (metric.name === undefined || metric.name === ""
        ? undefined
        : { name: metric.name, datatype: metric.datatype, unit: metric.unit }),
    isBirth: false,
  });
  const request = found.isUnknown
    ? rebirth(publisher, "a metric that no birth certificate in force has told")
    : sequence.request;
  return finish(found, device, {
    ...(sequence.remember !== undefined && { remember: sequence.remember }),
    ...(request !== undefined && { request }),
  });
}

function finish(found: ReturnType<typeof metricReadings>, device: string, after: Aftermath): Decoded {
  const { readings, refusals } = found;
  if (refusals.length > 0) return { readings, refusals, ...after };
  return readings.length === 0 ? { skip: "no metric with a value", device, ...after } : { readings, ...after };
}

/** Sparkplug 3.0.0, 6.4.5: counts 0 to 255, of an edge node with its devices; a birth certificate begins with 0. */
const sequenceLength = 256;

function follow({ seq }: SparkplugPayload, { seqKey }: Publisher): Aftermath {
  return seq === undefined ? {} : { remember: [{ key: seqKey, value: seq, isTransient: true }] };
}

function watch(payload: SparkplugPayload, publisher: Publisher, context: DecodeContext): Aftermath {
  const last = context.state?.(publisher.seqKey);
  const { seq } = payload;
  const next = follow(payload, publisher);
  if (typeof last !== "number" || seq === undefined || seq === last || seq === (last + 1) % sequenceLength) return next;
  return { ...next, request: rebirth(publisher, `the sequence went from ${last} to ${seq}`) };
}

/** Sparkplug 3.0.0, 6.4.26: the command that an edge node answers with all its birth certificates. */
function rebirth({ group, edge }: Publisher, why: string): DeviceRequest {
  // name, datatype Boolean, boolean_value
  const metric = concatenated(textOf(1, "Node Control/Rebirth"), numberField(4, 11), numberField(14, 1));
  return { topic: `spBv1.0/${group}/NCMD/${edge}`, payload: messageOf(2, metric), why };
}
