import type { Registry } from "@messnetz/registry";
import { createSimulatedTown, type DemoAccess, putGuest } from "@messnetz/simulator";
import type { BridgedSource } from "./bridges.ts";
import type { MosquittoAccount } from "./mosquitto.ts";
import type { SimulatorPlan } from "./region-options.ts";
import type { SecretFiles } from "./secret-files.ts";
import { putSimulatedTown } from "./simulate.ts";
import { mosquittoSecretOf } from "./simulator-part.ts";

/** The same town at every start: what was measured before is recognised, not doubled. */
const seed = 40_000;
const pastMs = 15 * 60_000;
const speed = 60;

/**
 * Who of the simulated town publishes where. Networks that have a broker in real life come by Mosquitto, the others by the door of their
 * sector.
 */
const ways: Readonly<Record<string, { readonly sector: string; readonly by: "door" | "mosquitto" }>> = {
  "tiefbauamt-senml": { sector: "traffic", by: "door" },
  "tiefbauamt-plain": { sector: "traffic", by: "door" },
  "tiefbauamt-lorawan": { sector: "traffic", by: "mosquitto" },
  "verkehrsbetrieb-senml": { sector: "transit", by: "door" },
  "verkehrsbetrieb-buses": { sector: "transit", by: "mosquitto" },
  "stadtwerke-senml": { sector: "water", by: "door" },
  "stadtwerke-wmbus": { sector: "water", by: "mosquitto" },
  "entwaesserung-senml": { sector: "water", by: "door" },
  "entwaesserung-scada": { sector: "water", by: "door" },
  "entwaesserung-shelly": { sector: "water", by: "door" },
  "entwaesserung-chirpstack": { sector: "water", by: "mosquitto" },
  "umweltamt-senml": { sector: "water", by: "door" },
  "umweltamt-plain": { sector: "water", by: "door" },
  "umweltamt-chirpstack": { sector: "water", by: "door" },
  "stadtwerke-tasmota": { sector: "energy", by: "mosquitto" },
  "stadtwerke-shelly": { sector: "energy", by: "door" },
  "abfallwirtschaft-lorawan": { sector: "waste", by: "mosquitto" },
};

/** A simulated town for those who want to see before they believe. */
export async function createRegionDemo(secrets: SecretFiles) {
  const town = createSimulatedTown({ seed });
  const unplaced = town.sources.filter(({ id }) => ways[id] === undefined);
  if (unplaced.length > 0) throw new Error(`expected a way for each source, found none for ${unplaced[0]!.id}`);
  const bridgedSources = town.sources.filter(({ id }) => ways[id]!.by === "mosquitto");
  const accounts: MosquittoAccount[] = [];
  for (const { id, topics } of bridgedSources) {
    accounts.push({ name: id, password: await secrets.secret(mosquittoSecretOf(id)), writes: topics });
  }
  const bridged: Record<string, BridgedSource[]> = {};
  for (const { id, topics } of bridgedSources) (bridged[ways[id]!.sector] ??= []).push({ source: id, topics });
  const simulator: SimulatorPlan = {
    seed,
    pastMs,
    speed,
    routes: Object.fromEntries(
      town.sources.map(({ id }) => {
        const { sector, by } = ways[id]!;
        return [id, by === "mosquitto" ? by : { door: sector }];
      }),
    ),
  };
  let access: DemoAccess | undefined;

  return {
    bridged,
    accounts,
    simulator,

    /** Puts the town and a guest into the registry. The guest's secret and the token are new at every start, the old ones end. */
    async prepare(registry: Registry): Promise<void> {
      await putSimulatedTown(registry, town);
      access = await putGuest(registry);
    },

    /** Throws before `prepare`. */
    access(): DemoAccess {
      if (access === undefined) throw new Error("the demo has not been prepared");
      return access;
    },
  };
}
