import { join } from "node:path";
import type { Observation } from "@messnetz/model";
import { createLogger, createShutdown } from "@messnetz/runtime";
import { createSimulatedTown, putGuest } from "@messnetz/simulator";
import { openDuckDbStore } from "@messnetz/store";
import { createTemporaryFolder } from "@messnetz/testing";
import { townConfigSchema } from "./config.ts";
import { openTown } from "./town.ts";

const hourMs = 3_600_000;
const meters = 10;
/** The year of which the guides tell, in Europe/Berlin. */
const year = [Date.parse("2025-01-01T00:00:00+01:00"), Date.parse("2026-01-01T00:00:00+01:00")] as const;
const march = [Date.parse("2025-02-28T00:00:00+01:00"), Date.parse("2025-04-02T00:00:00+02:00")] as const;

export interface GuideTown extends AsyncDisposable {
  readonly url: string;
  readonly door: { readonly host: string; readonly port: number };
  readonly folder: string;
  /** Of the demo's guest. */
  readonly token: string;
  readonly password: string;
  readonly administrator: string;
}

/** The town of the demo on free ports, with what the guides ask for: a gauge's year, some meters' March, the last days of both. Its months are closed. */
export async function startGuideTown(): Promise<GuideTown> {
  const folder = await createTemporaryFolder();
  await fillStore(folder.path);
  const log = createLogger({ service: "town", form: "json", level: "silent" });
  const shutdown = createShutdown({ log, stepTimeoutMs: 10_000 });
  let guest: Awaited<ReturnType<typeof putGuest>> | undefined;
  let administrator = "";
  const simulated = createSimulatedTown({ seed: 40_000 });
  const town = await openTown({
    config: townConfigSchema.parse({ MESSNETZ_MQTT_PORT: "0", MESSNETZ_HTTP_PORT: "0" }),
    tls: undefined,
    plans: [],
    dataDirectory: folder.path,
    log,
    shutdown,
    async prepare(registry) {
      await registry.apply([
        ...simulated.operators.map((operator) => ({ kind: "put-operator" as const, operator })),
        ...simulated.things.map((thing) => ({ kind: "put-thing" as const, thing })),
      ]);
      guest = await putGuest(registry);
      ({ token: administrator } = await registry.issueToken({ name: "first", operator: "*", scopes: ["admin"] }));
    },
  });
  return {
    url: town.api.address!,
    door: town.door.address(),
    folder: folder.path,
    token: guest!.token,
    password: guest!.secret,
    administrator,
    async [Symbol.asyncDispose]() {
      await shutdown.close("the test is over");
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function fillStore(directory: string): Promise<void> {
  const store = await openDuckDbStore({
    directory,
    quarantine: { maxBytes: 2 ** 20, maxAgeMs: 2 ** 40 },
    clock: Date.now,
  });
  const now = Math.floor(Date.now() / hourMs) * hourMs;
  // With the hour that has just begun: the reading that ends yesterday is there also in the first hour after midnight.
  const lately = [now - 72 * hourMs, now + hourMs] as const;
  const level = (at: number) => Math.round(1500 + 400 * Math.sin(at / hourMs / 90)) / 1000;
  await store.observations.write([
    ...hourly("gauge-marktbruecke/water_level", year, level),
    ...hourly("gauge-marktbruecke/water_level", lately, level),
    ...hourly("gauge-aue/water_level", lately, level),
    ...Array.from({ length: meters }, (_, n) => `water-meter-${82_400_000 + n}/water_volume`).flatMap((datastream) => {
      const volume = (at: number) => Math.round((at - year[0]) / hourMs) / 125;
      return [...hourly(datastream, march, volume), ...hourly(datastream, lately, volume)];
    }),
  ]);
  await store.months.close();
  await store.close();
}

function hourly(datastream: string, [from, to]: readonly [number, number], of: (at: number) => number): Observation[] {
  return Array.from({ length: (to - from) / hourMs }, (_, n) => from + n * hourMs).map((phenomenonTime) => ({
    datastream,
    phenomenonTime,
    ordinal: 0,
    resultTime: phenomenonTime,
    result: of(phenomenonTime),
    quality: "good",
    checks: [],
    revision: 1,
  }));
}

/** Where the guides say `data/town`, `http://127.0.0.1:8080` and `mn_…`. */
export function atTown(code: string, town: GuideTown): string {
  return code
    .replaceAll("data/town/months", join(town.folder, "months"))
    .replaceAll("http://127.0.0.1:8080", town.url)
    .replaceAll("mn_…", town.token);
}
