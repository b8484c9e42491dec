import { setTimeout as delay } from "node:timers/promises";
import type { Registry } from "@messnetz/registry";
import type { Shutdown } from "@messnetz/runtime";
import { createSimulatedTown, type DemoAccess, putGuest, runSimulator } from "@messnetz/simulator";
import { createArrivals } from "./arrivals.ts";
import type { Town } from "./town.ts";

/** The same town at every start: what was measured before is recognised, not doubled. */
const seed = 40_000;
/** The demo begins with the last quarter of an hour, in fifteen seconds, so that there is something to see. */
const pastMs = 15 * 60_000;
const speed = 60;
const tellEveryMs = 5_000;
const stopTimeoutMs = 5_000;

/** A simulated town for those who want to see before they believe. */
export function createDemo() {
  const simulated = createSimulatedTown({ seed });
  const secrets = new Map<string, string>();
  let access: DemoAccess | undefined;

  async function freshSecret(registry: Registry, id: string): Promise<string> {
    const { secret } = await registry.rotateCredential(id);
    return secret;
  }

  return {
    /** Throws before `prepare`. */
    access(): DemoAccess {
      if (access === undefined) throw new Error("the demo has not been prepared");
      return access;
    },

    /** Puts the town and a guest into the registry. Secrets and the token are new at every start, the old ones end. */
    async prepare(registry: Registry): Promise<void> {
      await registry.apply([
        ...simulated.operators.map((one) => ({ kind: "put-operator" as const, operator: one })),
        ...simulated.things.map((one) => ({ kind: "put-thing" as const, thing: one })),
        ...simulated.devices.map((one) => ({ kind: "put-device" as const, device: one })),
        ...simulated.sources.map((source) => ({ kind: "put-source" as const, source })),
      ]);
      for (const { id } of simulated.sources) secrets.set(id, await freshSecret(registry, id));
      access = await putGuest(registry);
    },

    /** Publishes over MQTT like any device, and tells what arrives, until the shutdown. */
    run(context: { readonly town: Town; readonly say: (text: string) => void; readonly shutdown: Shutdown }): void {
      const { town, say, shutdown } = context;
      const arrivals = createArrivals(town.registry);
      town.bus.listen((observations) => arrivals.count(observations), shutdown.signal);
      say(arrivals.header());
      const telling = setInterval(() => say(arrivals.line(new Date())), tellEveryMs);
      const stop = new AbortController();
      const { host, port } = town.door.address();
      const running = runSimulator({
        url: `mqtt://${host}:${port}`,
        town: simulated,
        credentials: secrets,
        signal: stop.signal,
        from: Date.now() - pastMs,
        speed,
      }).catch((error: unknown) =>
        say(`The simulator ended: ${error instanceof Error ? error.message : String(error)}`),
      );
      shutdown.defer("demo", async () => {
        clearInterval(telling);
        stop.abort();
        await Promise.race([running, delay(stopTimeoutMs, undefined, { ref: false })]);
      });
    },
  };
}
