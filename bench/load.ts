import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { createLoad } from "./messages.ts";
import { createPublisher } from "./publisher.ts";

/**
 * The load generator as a process of its own: connects, publishes for a number of seconds, prints one line of JSON with what was
 * acknowledged, how fast, and the latencies. Used by the benchmark and the trials.
 */
const { values } = parseArgs({
  options: {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string" },
    username: { type: "string" },
    connections: { type: "string", default: "50" },
    devices: { type: "string", default: "1000" },
    "first-device": { type: "string", default: "0" },
    "first-sequence": { type: "string", default: "0" },
    window: { type: "string", default: "100" },
    seconds: { type: "string", default: "5" },
    /** Messages a second over all connections; 0 = as fast as acknowledged. */
    rate: { type: "string", default: "0" },
    late: { type: "string", default: "0" },
    repeated: { type: "string", default: "0" },
    undecodable: { type: "string", default: "0" },
    "starts-at": { type: "string" },
    mixed: { type: "boolean", default: false },
    /** Each SenML record tells its time, for readers that know no base time. */
    "times-in-records": { type: "boolean", default: false },
    /** So many messages in all, in place of a number of seconds; 0 = as many as go in them. */
    messages: { type: "string", default: "0" },
    /** Comes back when the connection is lost, and sends again with DUP what was not acknowledged. */
    reconnects: { type: "boolean", default: false },
    /** File for the tags of what was acknowledged, doubles of 8 bytes. */
    tags: { type: "string" },
  },
});

const connections = Number(values.connections);
const devicesEach = Math.ceil(Number(values.devices) / connections);
const rate = Number(values.rate);
const seconds = Number(values.seconds);
const dayMs = 86_400_000;
const startsAt = values["starts-at"] === undefined ? Date.now() - dayMs : Number(values["starts-at"]);
const paceEveryMs = 10;
let messagesLeft = Number(values.messages) || Number.POSITIVE_INFINITY;

let acknowledged = 0;
let allowance = 0;
let isOver = false;
let latencies = new Float64Array(1 << 16);
let tags = new Float64Array(1 << 16);
const startedAt = performance.now();

const publishers = Array.from({ length: connections }, (_, index) => {
  const load = createLoad({
    devices: devicesEach,
    firstDevice: Number(values["first-device"]) + index * devicesEach,
    firstSequence: Number(values["first-sequence"]),
    startsAt,
    late: Number(values.late),
    repeated: Number(values.repeated),
    undecodable: Number(values.undecodable),
    isMixed: values.mixed,
    timesInRecords: values["times-in-records"],
  });
  return createPublisher({
    host: values.host,
    port: Number(values.port),
    clientId: `load-${values["first-device"]}-${index}`,
    username: values.username ?? "",
    password: process.env["LOAD_PASSWORD"] ?? "",
    window: Number(values.window),
    reconnects: values.reconnects,
    next: () => {
      if (isOver || messagesLeft === 0) return undefined;
      if (rate > 0) {
        if (allowance < 1) return undefined;
        allowance--;
      }
      messagesLeft--;
      return load();
    },
    onAcknowledged: (tag, latencyMs) => {
      if (acknowledged === latencies.length) {
        latencies = twiceAsLong(latencies);
        tags = twiceAsLong(tags);
      }
      tags[acknowledged] = tag;
      latencies[acknowledged++] = latencyMs;
    },
  });
});

let turn = 0;
let accounted = 0;
const pace = setInterval(() => {
  const elapsedMs = performance.now() - startedAt;
  if (rate > 0) {
    const due = Math.floor((elapsedMs / 1000) * rate);
    allowance += due - accounted;
    accounted = due;
    for (let n = 0; n < publishers.length && allowance >= 1; n++) publishers[turn++ % publishers.length]!.pump();
  }
  if (values.messages === "0" ? elapsedMs >= seconds * 1000 : messagesLeft === 0) {
    isOver = true;
    clearInterval(pace);
    for (const publisher of publishers) publisher.exhaust();
  }
}, paceEveryMs);

await Promise.all(publishers.map(async (publisher) => publisher.done));
const elapsedSeconds = (performance.now() - startedAt) / 1000;
const cpu = process.cpuUsage();
if (values.tags !== undefined) await writeFile(values.tags, new Uint8Array(tags.buffer, 0, acknowledged * 8));
const sorted = latencies.subarray(0, acknowledged).sort();
const at = (share: number) => sorted[Math.min(acknowledged - 1, Math.floor(acknowledged * share))] ?? 0;
process.stdout.write(
  `${JSON.stringify({
    acknowledged,
    startedAt: performance.timeOrigin + startedAt,
    elapsedSeconds,
    perSecond: acknowledged / elapsedSeconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
    generatorCpuSeconds: (cpu.user + cpu.system) / 1e6,
  })}\n`,
);

function twiceAsLong(list: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(list.length * 2);
  longer.set(list);
  return longer;
}
