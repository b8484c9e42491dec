import { type Reading, type ReadingTime, type Refusal, refusal, ucumFromAlias } from "@messnetz/model";
import { decimalOf } from "./decimal.ts";
import { deviceIdOf } from "./device-word.ts";
import { equipmentId, type ObisLine, p1Time, readTelegram } from "./dsmr-p1-telegram.ts";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { obisMeaning } from "./obis.ts";

/**
 * Telegrams of the consumer port P1 (DSMR 2.2 to 5, ESMR, eMUCS of Belgium and Luxembourg). The electricity meter is the device, by its
 * equipment id; meters for gas, water and heat behind it are devices of their own, with times of their own.
 */
export const dsmrP1: PayloadFormat = {
  name: "dsmr-p1",
  revision: 1,
  topics: ["#"],
  specification: "https://www.netbeheernederland.nl/publicatie/dsmr-502-p1",
  recognises: (message) => message.payload[0] === slash && header.test(message.text()?.slice(0, maxHeader) ?? ""),
  decode,
};

const slash = 0x2f;
/** IEC 62056-21, 6.3.2: three letters of the maker and the speed, then the model. */
const header = /^\/[A-Za-z]{3}[0-9A-Z][^\n]*\n\s*\n?\s*\d{1,3}-\d{1,3}:/u;
const maxHeader = 200;

function decode(message: Message): Decoded | Refusal {
  const text = message.text();
  if (text === undefined) return malformed(message, "a telegram of P1 as text", "");
  const lines = readTelegram(text);
  if ("code" in lines) return lines;
  const values = new Map(lines.map(({ obis, values: list }) => [obis, list]));
  const id = equipmentId(
    values.get("0-0:96.1.1")?.[0] ?? values.get("0-0:42.0.0")?.[0] ?? values.get("0-0:96.1.0")?.[0],
  );
  const device = deviceIdOf("dsmr", id ?? message.topic);
  const stamp = values.get("0-0:1.0.0")?.[0];
  const time = p1Time(stamp);
  if (stamp !== undefined && time === undefined) {
    return { ...refusal("invalid_time", "YYMMDDhhmmss with S or W", stamp), device };
  }
  const readings: Reading[] = [];
  const refusals: Refusal[] = [];
  for (const line of lines) {
    const found = mbus.test(line.obis) ? readMbus(line, { values, device }) : readElectricity(line);
    if (found === undefined) continue;
    if ("code" in found) refusals.push({ ...found, device, reading: line.obis });
    else readings.push({ device, ...(time !== undefined && { time }), ...found });
  }
  if (refusals.length > 0) return { readings, refusals };
  return readings.length === 0 ? { skip: "a telegram without a measurement", device } : { readings };
}

type Found = Omit<Reading, "device"> & { readonly device?: string; readonly time?: ReadingTime };

/** Counts and levels that are no registers of energy. */
const others: Readonly<
  Record<string, { readonly property: string; readonly unit?: string; readonly channel?: string }>
> = {
  "0-0:96.7.21": { property: "count", unit: "{count}", channel: "power_failures" },
  "0-0:96.7.9": { property: "count", unit: "{count}", channel: "long_power_failures" },
  "0-0:96.14.0": { property: "word", channel: "tariff" },
  "0-0:17.0.0": { property: "power_limit" },
  "1-0:1.4.0": { property: "active_power", channel: "import-average" },
  "1-0:31.4.0": { property: "current", channel: "limit" },
};
const dips = /^1-0:([357]2)\.(32|36)\.0$/u;

function readElectricity({ obis, values }: ObisLine): Found | Refusal | undefined {
  const [first = ""] = values;
  const dip = dips.exec(obis);
  if (dip !== null) {
    const channel = `${dip[2] === "32" ? "voltage_sags" : "voltage_swells"}-L${{ 32: 1, 52: 2, 72: 3 }[dip[1]!]}`;
    const value = decimalOf(first);
    return value === undefined ? undefined : { name: obis, value, property: "count", channel, unit: "{count}" };
  }
  const other = Object.hasOwn(others, obis) ? others[obis] : undefined;
  const meaning = other ?? (obis.startsWith("1-0:") ? obisMeaning(obis) : undefined);
  if (meaning === undefined || first === "") return undefined;
  const { property, channel } = meaning;
  if (property === "word")
    return { name: obis, value: first.slice(0, 64), property, ...(channel !== undefined && { channel }) };
  const amount = amountOf(first);
  if ("code" in amount) return amount;
  const unit = amount.unit ?? (other === undefined ? undefined : other.unit);
  return {
    name: obis,
    value: amount.value,
    property,
    ...(channel !== undefined && { channel }),
    ...(unit !== undefined && { unit }),
  };
}

/** `0012.345*kWh` */
function amountOf(text: string): { readonly value: number; readonly unit?: string } | Refusal {
  const star = text.indexOf("*");
  const value = decimalOf(star < 0 ? text : text.slice(0, star));
  if (value === undefined) return refusal("invalid_value", "a number with a decimal point and its unit", text);
  const unit = star < 0 ? "" : text.slice(star + 1);
  return unit === "" ? { value } : { value, unit: units.get(unit) ?? ucumFromAlias(unit) ?? unit };
}

const units: ReadonlyMap<string, string> = new Map([
  ["kWh", "kW.h"],
  ["Wh", "W.h"],
  ["kvarh", "kvar.h"],
  ["kVA", "kV.A"],
  ["dm3", "dm3"],
]);

const mbus = /^0-([1-9]):24\.(?:2\.[1-9]|3\.0)$/u;

/** OMS / EN 13757-3, 5.11.3: the medium. */
const media: ReadonlyMap<number, string> = new Map([
  [2, "active_energy_import"],
  [3, "gas_volume"],
  [4, "heat_energy"],
  [6, "water_volume"],
  [7, "water_volume"],
  [8, "heat_cost_units"],
  [10, "cooling_energy"],
  [11, "cooling_energy"],
  [12, "heat_energy"],
  [13, "heat_energy"],
]);

function readMbus(
  { obis, values: list }: ObisLine,
  of: { readonly values: ReadonlyMap<string, readonly string[]>; readonly device: string },
): Found | Refusal | undefined {
  const channel = mbus.exec(obis)?.[1] ?? "";
  const medium = Number.parseInt(of.values.get(`0-${channel}:24.1.0`)?.[0] ?? "", 10);
  const property = media.get(medium);
  const isOld = obis.endsWith("24.3.0");
  const [stamp, amountText] = isOld ? [list[0], `${list.at(-1)}*${list.at(-2)}`] : [list[0], list[1]];
  // A place without a meter says nothing, or 0 of no unit.
  if (stamp === undefined || amountText === undefined || stamp === "" || amountText === "") return undefined;
  const time = p1Time(stamp);
  if (time === undefined) return refusal("invalid_time", "YYMMDDhhmmss with S or W", stamp);
  const amount = amountOf(amountText);
  if ("code" in amount) return amount;
  const id = equipmentId(of.values.get(`0-${channel}:96.1.0`)?.[0] ?? of.values.get(`0-${channel}:96.1.1`)?.[0]);
  return {
    device: id === undefined ? of.device : deviceIdOf("dsmr", id),
    name: obis,
    value: amount.value,
    ...((property ?? (isOld ? "gas_volume" : undefined)) !== undefined && { property: property ?? "gas_volume" }),
    ...(id === undefined && { channel: `mbus-${channel}` }),
    ...(amount.unit !== undefined && { unit: amount.unit }),
    time,
  };
}
