import { findInfluxServers, findNatsServers, findProgram } from "@messnetz/testing";
import { type LossFigures, measureLoss } from "./measure-loss.ts";
import { measureRoad, type RoadFigures } from "./measure-road.ts";
import { savingOfMosquitto } from "./mosquitto-part.ts";
import { openPlainRoad } from "./open-plain-road.ts";
import { openRegionRoad } from "./open-region-road.ts";
import { findTelegraf, openTelegrafRoad } from "./open-telegraf-road.ts";
import type { Road } from "./road.ts";

export interface ServerFigures {
  /** How Mosquitto saves, in front of all roads. */
  readonly saving: string;
  readonly roads: readonly RoadFigures[];
  readonly losses: readonly LossFigures[];
}

interface RoadPlan {
  readonly name: string;
  readonly open: () => Promise<Road>;
  /** Parts that are killed, each once, on a road of its own. */
  readonly killed: readonly string[];
}

/**
 * The same messages through each road of servers, one after the other, each with an InfluxDB of its own. `seconds`: how long one load
 * lasts, about. What is not installed is left out, and said.
 */
export async function measureServers(options: {
  readonly seconds: number;
  /** What is lost by kill -9 takes most of the time. */
  readonly withLosses: boolean;
  readonly say: (text: string) => void;
}): Promise<ServerFigures | undefined> {
  const { seconds, withLosses, say } = options;
  const missing = missingServers();
  if (missing.length > 0) {
    say(`  LEFT OUT: ${missing.join(", ")} not installed`);
    return undefined;
  }
  const roads: RoadFigures[] = [];
  const losses: LossFigures[] = [];
  for (const plan of plansOf(say)) {
    say(`  ${plan.name}: full load and lag`);
    {
      await using road = await plan.open();
      const figures = await measureRoad(road, { messages: seconds * messagesPerSecond, lagSeconds: seconds });
      say(
        `    ${Math.round(figures.storedPerSecond)} stored/s, ${figures.lost} lost; CPU us a message: ${costOf(figures)}`,
      );
      roads.push(figures);
    }
    for (const part of withLosses ? plan.killed : []) {
      say(`  ${plan.name}: kill -9 of ${part}`);
      await using road = await plan.open();
      const loss = await measureLoss(road, part);
      say(`    ${loss.lost} of ${loss.acknowledged} acknowledged lost, ${loss.twice} twice`);
      losses.push(loss);
    }
  }
  return { saving: await savingOfMosquitto(), roads, losses };
}

/** What a region needs and this machine does not have. */
export function missingServers(): readonly string[] {
  return [
    ...(findProgram("mosquitto") === undefined ? ["mosquitto"] : []),
    ...(findNatsServers().length === 0 ? ["nats-server"] : []),
    ...(findInfluxServers().length === 0 ? ["influxd (Debian: influxdb; a 2.x may be named by INFLUXD2)"] : []),
  ];
}

function costOf({ cpuMicros }: RoadFigures): string {
  return cpuMicros.map(({ name, micros }) => `${name} ${micros.toFixed(1)}`).join(", ");
}

/** Messages of a full load for each second asked for. */
const messagesPerSecond = 30_000;

/** Of our own road, besides Mosquitto. */
const ours = ["ingest-water", "nats", "writer", "influxd"];

function plansOf(say: (text: string) => void): readonly RoadPlan[] {
  const telegraf = findTelegraf();
  if (telegraf === undefined) say("  LEFT OUT: Telegraf is not installed (TELEGRAF may name the program)");
  return [
    {
      name: "Messnetz from Mosquitto",
      open: () => openRegionRoad("mosquitto"),
      killed: ["mosquitto", ...ours],
    },
    { name: "Messnetz from the door", open: () => openRegionRoad("door"), killed: ours },
    ...(telegraf === undefined
      ? []
      : [
          {
            name: "Telegraf",
            open: () => openTelegrafRoad(telegraf),
            killed: ["Telegraf", "mosquitto", "influxd"],
          },
        ]),
    { name: "the plain road", open: openPlainRoad, killed: ["plain road", "mosquitto", "influxd"] },
  ];
}
