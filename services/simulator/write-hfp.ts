import { localText } from "./berlin-time.ts";
import type { Writer } from "./emission.ts";

/** A bus as HSL's high-frequency positioning names it. */
export interface HfpVehicle {
  /** Four digits. */
  readonly owner: string;
  readonly number: number;
  readonly line: string;
  readonly headsign: string;
}

/** HSL HFP v2: a vehicle position (VP). The topic's geohash is that of the whole degree; readers take the payload. */
export function hfpWriter(vehicle: HfpVehicle): Writer {
  const number = String(vehicle.number).padStart(5, "0");
  const place = `${vehicle.owner}/${number}`;
  return (measured, { measuredAt, clock }) => {
    const local = localText(measuredAt);
    const start = `${local.slice(11, 13)}:00`;
    const words = Object.fromEntries(
      measured.map(({ word, value }) => [word, typeof value === "boolean" ? Number(value) : value]),
    );
    const event = {
      desi: vehicle.line,
      dir: "1",
      oper: Number(vehicle.owner),
      veh: vehicle.number,
      tst: new Date(clock).toISOString(),
      tsi: Math.floor(clock / 1000),
      ...words,
      oday: local.slice(0, 10),
      jrn: Number(local.slice(11, 13)),
      line: Number(vehicle.line),
      start,
      loc: "GPS",
      stop: null,
      route: `10${vehicle.line.padStart(2, "0")}`,
    };
    const journey = `${event.route}/1/${vehicle.headsign}/${start}/1000/3/51;10/80/70/21`;
    return {
      topic: `/hfp/v2/journey/ongoing/vp/bus/${place}/${journey}`,
      payload: JSON.stringify({ VP: event }),
      time: clock,
    };
  };
}
