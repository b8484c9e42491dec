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
  /** Unacknowledged messages of a connection at most; 50 when absent. */
  readonly window?: number;
}

/** Devices that send again with DUP what was not acknowledged, whatever happens to the other side. */
export interface TrialDevices {
  /** Tags of acknowledged messages, and how often each was. */
  readonly acknowledged: ReadonlyMap<number, number>;
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
  const startsAt = Date.now() - dayMs;
  const startedAt = performance.now();
  let allowance = 0;
  let accounted = 0;

  const publishers = Array.from({ length: connections }, (_, index) => {
    const firstDevice = (options.firstDevice ?? 0) + index * devicesEach;
    const timed = createLoad({ devices: devicesEach, firstDevice, startsAt });
    const isTimed = allTimed || index % 2 === 0;
    let sent = 0;
    let lastAt = 0;
    const untimed = () => {
      const device = firstDevice + (sent % devicesEach);
      const sequence = Math.floor(sent++ / devicesEach);
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
        return isTimed ? timed() : untimed();
      },
      onAcknowledged: (tag) => acknowledged.set(tag, (acknowledged.get(tag) ?? 0) + 1),
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
