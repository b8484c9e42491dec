import type { LossFigures } from "./measure-loss.ts";
import type { RoadFigures } from "./measure-road.ts";
import type { ServerFigures } from "./measure-servers.ts";

const nameWidth = 34;
const pairWidth = 60;
const cellWidth = 14;
const whole = (value: number) => Math.round(value).toLocaleString("en");

/** Tables for people: how fast each road of servers is, what it costs, and what it lost when a part was killed. */
export function reportServers({ roads, losses, saving }: ServerFigures): string {
  const ours = roads.filter(isOurs);
  const others = roads.filter((road) => !isOurs(road));
  const lines = [
    "",
    "From publish to InfluxDB, 200 bytes and 3 readings a message, 50 connections, after a warm-up",
    `Mosquitto in front of every road but the door: ${saving}, no limits of queue and window`,
    `lag: from publish to readable in InfluxDB, beside a load of ${whole(roads[0]?.lag.rate ?? 0)} messages/s; CPU: all processes but the generator`,
    "",
    row("", ["stored/s", "acked/s", "in s", "lost", "lag p50 ms", "lag max ms", "CPU us/msg"]),
    ...roads.map((road) => row(road.name, cellsOf(road))),
    "",
    row("ours / theirs", ["stored/s", "lag p50", "CPU"], pairWidth),
    ...ours.flatMap((one) =>
      others.map((other) => row(`${one.name} / ${other.name}`, ratiosOf(one, other), pairWidth)),
    ),
    "",
    ...ours.flatMap((one) => targetsOf(one, others)),
    "",
    "CPU a message, us",
    ...roads.map((road) => `  ${road.name}: ${road.cpuMicros.map(cpuText).join(", ")}`),
    ...lossLines(losses),
    "",
  ];
  return `${lines.join("\n")}\n`;
}

function isOurs({ name }: RoadFigures): boolean {
  return name.startsWith("Messnetz");
}

function ratiosOf(one: RoadFigures, other: RoadFigures): readonly string[] {
  const pairs = [
    [one.storedPerSecond, other.storedPerSecond],
    [one.lag.p50Ms, other.lag.p50Ms],
    [cpuOf(one), cpuOf(other)],
  ] as const;
  return pairs.map(([ours, theirs]) => (ours / theirs).toFixed(2));
}

/** Messages a second that our own roads are held against, on two cores with everything, generator included. */
const targetPerSecond = 30_000;

/** What is asked of our roads: a rate with nothing lost, and to be faster than what people write themselves. How near Telegraf is, is told. */
function targetsOf(road: RoadFigures, others: readonly RoadFigures[]): readonly string[] {
  const { name, storedPerSecond, lost } = road;
  const isReached = storedPerSecond >= targetPerSecond && lost === 0;
  const told = [`at least ${whole(targetPerSecond)} stored/s and none lost: ${verdict(isReached)}`];
  for (const other of others) {
    const times = `${(storedPerSecond / other.storedPerSecond).toFixed(2)} times`;
    if (other.name === "Telegraf") told.push(`as near to Telegraf as can be: ${times} its rate`);
    else told.push(`faster than ${other.name}: ${verdict(storedPerSecond > other.storedPerSecond)} (${times})`);
  }
  return told.map((text) => `${name}: target ${text}`);
}

function verdict(isReached: boolean): string {
  return isReached ? "reached" : "MISSED";
}

function cellsOf(road: RoadFigures): readonly string[] {
  return [
    whole(road.storedPerSecond),
    whole(road.acknowledgedPerSecond),
    road.windowSeconds.toFixed(1),
    whole(road.lost),
    whole(road.lag.p50Ms),
    whole(road.lag.maxMs),
    cpuOf(road).toFixed(1),
  ];
}

/** Of all processes of the road, without the generator. */
function cpuOf({ cpuMicros }: RoadFigures): number {
  return cpuMicros.filter(({ name }) => name !== "generator").reduce((sum, { micros }) => sum + micros, 0);
}

function cpuText({ name, micros }: RoadFigures["cpuMicros"][number]): string {
  return `${name} ${micros.toFixed(1)}`;
}

function lossLines(losses: readonly LossFigures[]): readonly string[] {
  if (losses.length === 0) return [];
  return [
    "",
    "kill -9 of one part under 5,000 messages/s, back after 5 s. What Mosquitto loses it had acknowledged from its memory.",
    "",
    row("", ["killed", "acked", "lost", "twice"]),
    ...losses.map((loss) => row(loss.road, lossCells(loss))),
  ];
}

function lossCells({ killed, acknowledged, lost, twice }: LossFigures): readonly string[] {
  return [killed, whole(acknowledged), whole(lost), whole(twice)];
}

function row(name: string, cells: readonly string[], width = nameWidth): string {
  return `${name.padEnd(width)}${cells.map((cell) => cell.padStart(cellWidth)).join("")}`;
}
