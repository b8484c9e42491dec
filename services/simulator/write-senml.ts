import type { Writer } from "./emission.ts";

/** SenML (RFC 8428) in one pack: base name the device, base time its clock in seconds. */
export function senmlWriter(device: string, topic: string): Writer {
  return (measured, { clock }) => {
    const pack = measured.map(({ word, value, unit }, n) => ({
      ...(n === 0 && { bn: `${device}:`, bt: clock / 1000 }),
      n: word,
      ...(unit !== undefined && { u: senmlUnits.get(unit) ?? unit }),
      ...(typeof value === "number" ? { v: value } : typeof value === "boolean" ? { vb: value } : { vs: value }),
    }));
    return { topic, payload: JSON.stringify(pack), time: clock };
  };
}

/** UCUM → the symbol of IANA's SenML units (RFC 8428 §12.1, RFC 8798), where it is another one. */
const senmlUnits: ReadonlyMap<string, string> = new Map([["[pH]", "pH"]]);
