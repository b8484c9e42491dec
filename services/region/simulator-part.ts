import type { PartSpec } from "./part.ts";
import type { SimulatorPlan } from "./region-options.ts";
import type { SecretFiles } from "./secret-files.ts";
import { serviceSpec, type Variables } from "./services.ts";
import type { SimulationRoute } from "./simulate.ts";

/** The simulated town as a process of its own. Its sources get new secrets at each start; those at Mosquitto keep theirs. */
export async function simulatorSpec(options: {
  readonly plan: SimulatorPlan;
  readonly doors: ReadonlyMap<string, string>;
  readonly mosquittoUrl: string;
  readonly secrets: SecretFiles;
  readonly common: Variables;
}): Promise<PartSpec> {
  const { plan, doors, mosquittoUrl, secrets, common } = options;
  const routes: SimulationRoute[] = [];
  for (const [sector, url] of doors) {
    const sources = Object.entries(plan.routes).flatMap(([source, way]) =>
      way !== "mosquitto" && way.door === sector ? [source] : [],
    );
    if (sources.length > 0) routes.push({ url, sources });
  }
  const passwords: Record<string, string> = {};
  for (const [source, way] of Object.entries(plan.routes)) {
    if (way === "mosquitto") passwords[source] = await secrets.secret(mosquittoSecretOf(source));
  }
  if (Object.keys(passwords).length > 0) {
    routes.push({ url: mosquittoUrl, sources: Object.keys(passwords), passwords });
  }
  const file = await secrets.write("simulation.json", `${JSON.stringify(routes, undefined, 1)}\n`);
  return serviceSpec({
    name: "simulator",
    service: "region",
    args: ["simulate"],
    variables: {
      ...common,
      MESSNETZ_SIMULATION_ROUTES_FILE: file,
      MESSNETZ_SIMULATION_SEED: String(plan.seed),
      MESSNETZ_SIMULATION_PAST_MINUTES: String(plan.pastMs / 60_000),
      MESSNETZ_SIMULATION_SPEED: String(plan.speed),
    },
  });
}

export function mosquittoSecretOf(source: string): string {
  return `mosquitto-${source}`;
}
