import { type InfluxDatabase, queryInflux } from "./influx-database.ts";
import { deviceName, tagBase } from "./messages.ts";

/**
 * How a road writes the first reading of a load's message, whose value is the sequence number / 1000. Read from InfluxDB with its own
 * language: nothing of the roads stands between.
 */
export interface StoredForm {
  readonly measurement: string;
  readonly field: string;
  /** The tag that tells the device: by its topic, its name, or the base name of its SenML pack. */
  readonly tag: string;
  readonly by: "topic" | "name" | "base-name";
  /** Narrows the measurement to the first reading, where it holds others. */
  readonly where?: string;
}

/** Messages whose first reading is stored. */
export async function countStored(influx: InfluxDatabase, form: StoredForm): Promise<number> {
  const where = form.where === undefined ? "" : ` WHERE ${form.where}`;
  return countOf(influx, `SELECT count("${form.field}") FROM "${form.measurement}"${where}`);
}

/** The same of one device. */
export async function countStoredOf(influx: InfluxDatabase, form: StoredForm, device: number): Promise<number> {
  const where = `"${form.tag}" = '${tagOf(form, device)}'${form.where === undefined ? "" : ` AND ${form.where}`}`;
  return countOf(influx, `SELECT count("${form.field}") FROM "${form.measurement}" WHERE ${where}`);
}

/** The tags of the load's messages that are stored, and how many points told of them. */
export async function readStored(influx: InfluxDatabase, form: StoredForm): Promise<ReadonlyMap<number, number>> {
  const where = form.where === undefined ? "" : ` WHERE ${form.where}`;
  const stored = new Map<number, number>();
  const query = `SELECT "${form.field}" FROM "${form.measurement}"${where} GROUP BY "${form.tag}"`;
  for await (const line of queryInflux(influx, query)) {
    const [, tags = "", time = "", value = ""] = line.split(",");
    if (time === "time" || value === "") continue;
    const tag = deviceOf(form, tags.slice(tags.indexOf("=") + 1)) * tagBase + Math.round(Number(value) * 1000);
    stored.set(tag, (stored.get(tag) ?? 0) + 1);
  }
  return stored;
}

async function countOf(influx: InfluxDatabase, query: string): Promise<number> {
  let count = 0;
  for await (const line of queryInflux(influx, query)) {
    const last = line.slice(line.lastIndexOf(",") + 1);
    if (/^\d+$/.test(last)) count = Number(last);
  }
  return count;
}

function tagOf(form: StoredForm, device: number): string {
  if (form.by === "topic") return `load/${device}`;
  return form.by === "name" ? deviceName(device) : `${deviceName(device)}:`;
}

function deviceOf(form: StoredForm, tag: string): number {
  if (form.by === "topic") return Number(tag.slice(tag.indexOf("/") + 1));
  return Number.parseInt(tag.replace(/:$/, "").slice(-deviceDigits), 16);
}

/** The hexadecimal digits that `deviceName` ends with. */
const deviceDigits = 10;
