import type { LoadMessage } from "./publisher.ts";

/** A load: for each device in turn its next message. `tag` = device * `tagBase` + sequence number. */
export interface LoadOptions {
  readonly devices: number;
  readonly firstDevice: number;
  /** Of each device, where a load went before this one; 0 when absent. */
  readonly firstSequence?: number;
  /** Time of each device's first message; one message a second from there on. */
  readonly startsAt: number;
  /** Shares of messages, 0 to 1. */
  readonly late?: number;
  readonly repeated?: number;
  readonly undecodable?: number;
  /** Three formats instead of SenML alone. */
  readonly isMixed?: boolean;
  /** Each SenML record tells its own time, in place of one base time. */
  readonly timesInRecords?: boolean;
}

export const tagBase = 10_000_000;
const dayMs = 86_400_000;

export function deviceName(device: number): string {
  return `urn:dev:mac:0024be${device.toString(16).padStart(10, "0")}`;
}

export function shellyName(device: number): string {
  return `shellyem3-${device.toString(16).padStart(12, "0")}`;
}

export function meterName(device: number): string {
  return String(10_000_000 + device);
}

/** The same three readings, each record with its time: readers of JSON that know nothing of SenML can take them one by one. */
function timedRest(sequence: number, time: number): Buffer {
  const t = (time / 1000).toFixed(3);
  return Buffer.from(
    `"n":"water_level","u":"m","t":${t},"v":${sequence / 1000}},` +
      `{"n":"water_temperature","u":"Cel","t":${t},"v":${(8 + ((sequence * 7) % 100) / 10).toFixed(1)}},` +
      `{"n":"battery_voltage","u":"V","t":${t},"v":${(3.5 + ((sequence * 3) % 20) / 100).toFixed(2)}}]`,
  );
}

/** The part of a SenML message with three readings, about 200 bytes in all, that all devices share: level = seq / 1000. */
function senmlRest(sequence: number, time: number): Buffer {
  return Buffer.from(
    `"bt":${(time / 1000).toFixed(3)},"n":"water_level","u":"m","v":${sequence / 1000}},` +
      `{"n":"water_temperature","u":"Cel","v":${(8 + ((sequence * 7) % 100) / 10).toFixed(1)}},` +
      `{"n":"battery_voltage","u":"V","v":${(3.5 + ((sequence * 3) % 20) / 100).toFixed(2)}}]`,
  );
}

const broken = Buffer.from("[{broken");

/** Deterministic: the n-th message of a load is always the same. A tag of -1 is not looked for afterwards. */
export function createLoad(options: LoadOptions): () => LoadMessage {
  let sent = (options.firstSequence ?? 0) * options.devices;
  let spin = 1;
  let previous: LoadMessage | undefined;
  let shared: { sequence: number; time: number; rest: Buffer } = { sequence: -1, time: 0, rest: broken };
  const restOf = options.timesInRecords === true ? timedRest : senmlRest;
  const topics = Array.from({ length: options.devices }, (_, n) => Buffer.from(`load/${options.firstDevice + n}`));
  const bases = Array.from({ length: options.devices }, (_, n) =>
    Buffer.from(`[{"bn":"${deviceName(options.firstDevice + n)}:",`),
  );

  // A linear congruential generator (the constants of ANSI C's example rand) is random enough to spread faults.
  const chance = (share: number | undefined) => {
    if (share === undefined || share === 0) return false;
    spin = (Math.imul(spin, 1_103_515_245) + 12_345) & 0x7fffffff;
    return spin / 0x7fffffff < share;
  };

  function senml(index: number, sequence: number, time: number) {
    if (shared.sequence !== sequence || shared.time !== time) shared = { sequence, time, rest: restOf(sequence, time) };
    return { topic: topics[index]!, payload: [bases[index]!, shared.rest] };
  }

  return function next() {
    if (previous !== undefined && chance(options.repeated)) return { ...previous, tag: -1 };
    const index = sent % options.devices;
    const sequence = Math.floor(sent / options.devices);
    sent++;
    if (chance(options.undecodable)) return { topic: topics[index]!, payload: [broken], tag: -1 };
    const isLate = chance(options.late);
    const time = options.startsAt + sequence * 1000 - (isLate ? 2 * dayMs : 0);
    const device = options.firstDevice + index;
    const kind = options.isMixed === true ? sent % 3 : 0;
    const message = kind === 0 ? senml(index, sequence, time) : otherFormat(kind, { device, sequence, time });
    const tag = isLate ? -1 : device * tagBase + sequence;
    previous = { topic: message.topic, payload: message.payload, tag };
    return previous;
  };
}

function otherFormat(kind: number, of: { device: number; sequence: number; time: number }) {
  const { device, sequence, time } = of;
  if (kind === 1) {
    return {
      topic: Buffer.from(`wmbusmeters/meter-${device}`),
      payload: [
        Buffer.from(
          `{"_":"telegram","media":"water","meter":"iperl","name":"meter-${device}","id":"${meterName(device)}",` +
            `"total_m3":${(sequence / 1000).toFixed(3)},"max_flow_m3h":0.1,"status":"OK","timestamp":"${new Date(time).toISOString()}"}`,
        ),
      ],
    };
  }
  return {
    topic: Buffer.from(`${shellyName(device)}/events/rpc`),
    payload: [
      Buffer.from(
        `{"src":"${shellyName(device)}","dst":"${shellyName(device)}/events","method":"NotifyStatus",` +
          `"params":{"ts":${(time / 1000).toFixed(2)},"pm1:0":{"id":0,"apower":${(sequence % 1000) / 10},"voltage":230.1,"current":0.43}}}`,
      ),
    ],
  };
}
