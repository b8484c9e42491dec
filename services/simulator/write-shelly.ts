import type { Measured, Writer } from "./emission.ts";

const centisecondMs = 10;

/**
 * Shelly Gen2 and later: NotifyStatus on `<device>/events/rpc`. Words are `<component>.<path>`, such as `switch:0.aenergy.total`;
 * `ts` are seconds with two digits.
 */
export function shellyWriter(device: string): Writer {
  return (measured, { clock }) => {
    const time = Math.round(clock / centisecondMs) * centisecondMs;
    const params: Record<string, unknown> = { ts: time / 1000 };
    for (const one of measured) place(params, one);
    const payload = { src: device, dst: `${device}/events`, method: "NotifyStatus", params };
    return { topic: `${device}/events/rpc`, payload: JSON.stringify(payload), time };
  };
}

function place(params: Record<string, unknown>, { word, value }: Measured): void {
  const [component = "", ...path] = word.split(".");
  const last = path.pop();
  const [, id] = component.split(":");
  let at = (params[component] ??= id === undefined ? {} : { id: Number(id) }) as Record<string, unknown>;
  for (const key of path) at = (at[key] ??= {}) as Record<string, unknown>;
  if (last !== undefined) at[last] = value;
}
