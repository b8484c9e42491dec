import { createLoad, deviceName, tagBase } from "./messages.ts";
import { createPublisher } from "./publisher.ts";
import type { LoadTarget } from "./run-load.ts";

export interface TrialDevicesOptions {
  readonly target: LoadTarget;
  readonly connections: number;
  /** Messages a second over all connections, roughly. */
  readonly rate: number;
  /** Without it each other connection sends messages that tell no time, which only the memory of deliveries can tell from new ones. */
  readonly allTimed?: boolean;
  /** A further load beside or after another one needs devices of its own, 5 for each connection. 0 when absent. */
  readonly firstDevice?: number;
  /** Shares of the messages that tell their time, 0 to 1, that come once more as new messages, and that nobody can read. */
  readonly repeated?: number;
  readonly undecodable?: number;
  /** Unacknowledged messages of a connection at most; 50 when absent. */
  readonly window?: number;
}

/** Devices that send again with DUP what was not acknowledged, whatever happens to the other side. */
export interface TrialDevices {
  /** Tags of acknowledged messages, and how often each was. */
  readonly acknowledged: ReadonlyMap<number, number>;
  /** What was sent so far, each message once, however often it had to be sent again. */
  readonly sent: { readonly good: number; readonly repeated: number; readonly undecodable: number };
  readonly inFlight: number;
  /** Sends nothing new; resolves when everything is acknowledged. */
  finish(): Promise<void>;
}

const devicesEach = 5;
const usualWindow = 50;
const paceEveryMs = 10;
const dayMs = 86_400_000;
/** Two untimed messages of one device in one millisecond are the intake's business, and tried there. */
const untimedPauseMs = 2;

export function startTrialDevices(options: TrialDevicesOptions): TrialDevices {
  const { target, connections, rate, allTimed = false, window = usualWindow } = options;
  const acknowledged = new Map<number, number>();
  const sent = { good: 0, repeated: 0, undecodable: 0 };
  const startsAt = Date.now() - dayMs;
  const startedAt = performance.now();
  let allowance = 0;
  let accounted = 0;

  const publishers = Array.from({ length: connections }, (_, index) => {
    const firstDevice = (options.firstDevice ?? 0) + index * devicesEach;
    const { repeated = 0, undecodable = 0 } = options;
    const timed = createLoad({ devices: devicesEach, firstDevice, startsAt, repeated, undecodable });
    const isTimed = allTimed || index % 2 === 0;
    let count = 0;
    let lastAt = 0;
    const untimed = () => {
      const device = firstDevice + (count % devicesEach);
      const sequence = Math.floor(count++ / devicesEach);
      const payload = `[{"bn":"${deviceName(device)}:","n":"water_level","u":"m","v":${sequence / 1000}}]`;
      return {
        topic: Buffer.from(`load/${device}`),
        payload: [Buffer.from(payload)],
        tag: device * tagBase + sequence,
      };
    };
    return createPublisher({
      ...target,
      clientId: `trial-${firstDevice}`,
      window,
      reconnects: true,
      next() {
        const now = performance.now();
        if (allowance < 1 || (!isTimed && now - lastAt < untimedPauseMs)) return undefined;
        allowance--;
        lastAt = now;
        const message = isTimed ? timed() : untimed();
        // A load marks with the tag -1 what is not looked for afterwards; what cannot be read is in one piece.
        const kind = message.tag !== -1 ? "good" : message.payload.length === 1 ? "undecodable" : "repeated";
        sent[kind]++;
        // Two of the same bytes, of one topic and in one millisecond, are one to the quarantine.
        if (kind === "undecodable") return { ...message, payload: [Buffer.from(`[{broken ${index} ${sent[kind]}`)] };
        return message;
      },
      onAcknowledged(tag) {
        if (tag !== -1) acknowledged.set(tag, (acknowledged.get(tag) ?? 0) + 1);
      },
    });
  });

  const pace = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * rate);
    // What could not be sent while nobody listened is not made up for at once.
    allowance = Math.min(allowance + due - accounted, rate);
    accounted = due;
    for (const publisher of publishers) publisher.pump();
  }, paceEveryMs);

  return {
    acknowledged,
    sent,
    get inFlight() {
      return publishers.reduce((sum, publisher) => sum + publisher.inFlightTags().length, 0);
    },
    async finish() {
      clearInterval(pace);
      for (const publisher of publishers) publisher.exhaust();
      await Promise.all(publishers.map(async (publisher) => publisher.done));
    },
  };
}
