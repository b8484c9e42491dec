import type { LossFigures } from "./measure-loss.ts";
import type { RoadFigures } from "./measure-road.ts";
import type { ServerFigures } from "./measure-servers.ts";

const nameWidth = 34;
const cellWidth = 14;
const whole = (value: number) => Math.round(value).toLocaleString("en");

/** Tables for people: how fast each road of servers is, what it costs, and what it lost when a part was killed. */
export function reportServers({ roads, losses }: ServerFigures): string {
  const lines = [
    "",
    "From publish to InfluxDB, 200 bytes and 3 readings a message, 50 connections",
    "",
    row("", ["stored/s", "acked/s", "lost", "lag p50 ms", "lag max ms", "CPU us/msg"]),
    ...roads.map((road) => row(road.name, cellsOf(road))),
    "",
    ...roads.filter(({ name }) => name.startsWith("Messnetz")).map(targetLine),
    "",
    "CPU a message, us",
    ...roads.map((road) => `  ${road.name}: ${road.cpuMicros.map(cpuText).join(", ")}`),
    "",
    "kill -9 of one part under 5,000 messages/s, back after 5 s. What Mosquitto loses it had acknowledged from its memory: here it writes",
    "to the disk after each 1,000 changes (autosave_on_changes, autosave_interval 1000); a smaller number loses less and costs more.",
    "",
    row("", ["killed", "acked", "lost", "twice"]),
    ...losses.map((loss) => row(loss.road, lossCells(loss))),
    "",
  ];
  return `${lines.join("\n")}\n`;
}

/** Messages a second that our own roads are held against, on two cores with everything, generator included. */
const targetPerSecond = 30_000;

function targetLine({ name, storedPerSecond, lost }: RoadFigures): string {
  const isReached = storedPerSecond >= targetPerSecond && lost === 0;
  return `${name}: target ${whole(targetPerSecond)} stored/s and none lost ${isReached ? "reached" : "MISSED"}`;
}

function cellsOf(road: RoadFigures): readonly string[] {
  const ours = road.cpuMicros.filter(({ name }) => name !== "generator");
  return [
    whole(road.storedPerSecond),
    whole(road.acknowledgedPerSecond),
    whole(road.lost),
    whole(road.lag.p50Ms),
    whole(road.lag.maxMs),
    ours.reduce((sum, { micros }) => sum + micros, 0).toFixed(1),
  ];
}

function cpuText({ name, micros }: RoadFigures["cpuMicros"][number]): string {
  return `${name} ${micros.toFixed(1)}`;
}

function lossCells({ killed, acknowledged, lost, twice }: LossFigures): readonly string[] {
  return [killed, whole(acknowledged), whole(lost), whole(twice)];
}

function row(name: string, cells: readonly string[]): string {
  return `${name.padEnd(nameWidth)}${cells.map((cell) => cell.padStart(cellWidth)).join("")}`;
}
