import { localText } from "./berlin-time.ts";
import type { Writer } from "./emission.ts";

/** A meter that wmbusmeters listens to. */
export interface WmbusMeter {
  /** Eight digits. */
  readonly id: string;
  readonly name: string;
  readonly media: "cold water" | "gas" | "heat";
  /** Name of the driver. */
  readonly driver: string;
}

const secondMs = 1000;

/** wmbusmeters' JSON, one telegram; its time has whole seconds. */
export function wmbusWriter(meter: WmbusMeter): Writer {
  return (measured, { clock }) => {
    const time = Math.floor(clock / secondMs) * secondMs;
    const payload = {
      _: "telegram",
      media: meter.media,
      meter: meter.driver,
      name: meter.name,
      id: meter.id,
      ...Object.fromEntries(measured.map(({ word, value }) => [word, value])),
      meter_datetime: localText(clock).slice(0, 16).replace("T", " "),
      timestamp: `${new Date(time).toISOString().slice(0, 19)}Z`,
    };
    return { topic: `wmbusmeters/${meter.name}`, payload: JSON.stringify(payload), time };
  };
}

/** Tasmota telemetry of a smart meter read over SML; its `Time` is the wall clock without a zone. */
export function tasmotaWriter(name: string): Writer {
  return (measured, { clock }) => {
    const sml = Object.fromEntries(measured.map(({ word, value }) => [word, value]));
    const payload = JSON.stringify({ Time: localText(clock), SML: sml });
    return { topic: `tele/${name}/SENSOR`, payload, time: Math.floor(clock / secondMs) * secondMs };
  };
}
