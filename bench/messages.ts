/** A load: for each device in turn its next message. `tag` = device * `tagBase` + sequence number. */
export interface LoadOptions {
  readonly devices: number;
  readonly firstDevice: number;
  /** Time of each device's first message; one message a second from there on. */
  readonly startsAt: number;
  /** Shares of messages, 0 to 1. */
  readonly late?: number;
  readonly repeated?: number;
  readonly undecodable?: number;
  /** Three formats instead of SenML alone. */
  readonly isMixed?: boolean;
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

/** SenML with three readings, about 200 bytes. The level tells the sequence number: level = seq / 1000. */
export function senmlMessage(device: number, sequence: number, time: number): Buffer {
  return Buffer.from(
    `[{"bn":"${deviceName(device)}:","bt":${(time / 1000).toFixed(3)},"n":"water_level","u":"m","v":${sequence / 1000}},` +
      `{"n":"water_temperature","u":"Cel","v":${(8 + ((sequence * 7) % 100) / 10).toFixed(1)}},` +
      `{"n":"battery_voltage","u":"V","v":${(3.5 + ((sequence * 3) % 20) / 100).toFixed(2)}}]`,
  );
}

/** Deterministic: the n-th message of a load is always the same. */
export function createLoad(options: LoadOptions) {
  let sent = 0;
  let spin = 1;
  let previous: { topic: string; payload: Buffer; tag: number } | undefined;

  // A linear congruential generator (Knuth's MMIX constants cut to 31 bits) is random enough to spread faults.
  const chance = (share: number | undefined) => {
    if (share === undefined || share === 0) return false;
    spin = (Math.imul(spin, 1_103_515_245) + 12_345) & 0x7fffffff;
    return spin / 0x7fffffff < share;
  };

  return function next(): { topic: string; payload: Buffer; tag: number } {
    if (previous !== undefined && chance(options.repeated)) return previous;
    const device = options.firstDevice + (sent % options.devices);
    const sequence = Math.floor(sent / options.devices);
    sent++;
    const tag = device * tagBase + sequence;
    if (chance(options.undecodable)) return { topic: `load/${device}`, payload: Buffer.from("[{broken"), tag: -1 };
    const isLate = chance(options.late);
    const time = options.startsAt + sequence * 1000 - (isLate ? 2 * dayMs : 0);
    previous = { ...messageOf(options.isMixed ? sent % 3 : 0, { device, sequence, time }), tag: isLate ? -1 : tag };
    return previous;
  };
}

function messageOf(
  kind: number,
  of: { device: number; sequence: number; time: number },
): { topic: string; payload: Buffer } {
  const { device, sequence, time } = of;
  if (kind === 1) {
    return {
      topic: `wmbusmeters/meter-${device}`,
      payload: Buffer.from(
        `{"_":"telegram","media":"water","meter":"iperl","name":"meter-${device}","id":"${meterName(device)}",` +
          `"total_m3":${(sequence / 1000).toFixed(3)},"max_flow_m3h":0.1,"status":"OK","timestamp":"${new Date(time).toISOString()}"}`,
      ),
    };
  }
  if (kind === 2) {
    return {
      topic: `${shellyName(device)}/events/rpc`,
      payload: Buffer.from(
        `{"src":"${shellyName(device)}","dst":"${shellyName(device)}/events","method":"NotifyStatus",` +
          `"params":{"ts":${(time / 1000).toFixed(2)},"pm1:0":{"id":0,"apower":${(sequence % 1000) / 10},"voltage":230.1,"current":0.43}}}`,
      ),
    };
  }
  return { topic: `load/${device}`, payload: senmlMessage(device, sequence, time) };
}
