import { deviceSchema, thingSchema } from "@messnetz/model";
import type { z } from "zod";
import { normaliseDeviceId } from "./device-id.ts";
import { type ImportEntry, type ImportMistake, type ImportReading, quote } from "./import-entry.ts";
import { type ImportColumn, type ImportRow, readTable } from "./import-table.ts";

const thingColumns = ["name", "domain", "operator", "lat", "lon", "tags"] as const;
const deviceColumns = ["thing", "profile", "timezone"] as const;
const fieldColumns = ["property", "channel", "unit"] as const;

/** What several rows say of one thing or device, or of one word of a device. */
interface Gathered {
  readonly line: number;
  readonly cells: Map<ImportColumn, string>;
}
interface GatheredDevice extends Gathered {
  readonly words: Map<string, Gathered>;
}

/** Reads a table of things and devices. `operator` stands where the table has none. */
export function readCsv(text: string, operator: string | undefined): ImportReading {
  const { rows, mistakes: unreadable } = readTable(text);
  if (unreadable.length > 0) return { entries: [], mistakes: unreadable };
  const mistakes: ImportMistake[] = [];
  const things = new Map<string, Gathered>();
  const devices = new Map<string, GatheredDevice>();
  for (const row of rows) {
    const id = row.cell("thing");
    if (id === "") {
      mistakes.push({ line: row.line, message: "thing: expected the id of a thing in each row, came nothing" });
      continue;
    }
    mistakes.push(...gather(gathered(things, id, { line: row.line, cells: new Map() }), row, thingColumns));
    mistakes.push(...gatherDevice(devices, row));
  }
  const entries: ImportEntry[] = [];
  for (const [id, { line, cells }] of things) {
    // A row that has nothing of the thing but its id names one that is registered.
    if (cells.size === 0 && devices.size > 0) continue;
    mistakes.push(...degreeMistakes(cells).map((message) => ({ line, message })));
    const parsed = thingSchema.safeParse(toThing(id, cells, operator));
    if (parsed.success) entries.push({ line, change: { kind: "put-thing", thing: parsed.data } });
    else mistakes.push(...schemaMistakes(parsed.error, line, cells));
  }
  for (const [id, device] of devices) {
    const { line, cells } = device;
    const parsed = deviceSchema.safeParse(toDevice(id, device));
    if (parsed.success) entries.push({ line, change: { kind: "put-device", device: parsed.data } });
    else mistakes.push(...schemaMistakes(parsed.error, line, cells));
  }
  if (mistakes.length === 0) return { entries, mistakes };
  return { entries: [], mistakes };
}

function gathered<G extends Gathered>(groups: Map<string, G>, id: string, fresh: G): G {
  const group = groups.get(id) ?? fresh;
  groups.set(id, group);
  return group;
}

/** Adds the cells of the row that are not empty; gives those that say something else than an earlier row did. */
function gather({ cells }: Gathered, row: ImportRow, columns: readonly ImportColumn[]): readonly ImportMistake[] {
  const mistakes: ImportMistake[] = [];
  for (const column of columns) {
    const cell = row.cell(column);
    const earlier = cells.get(column);
    if (cell === "" || cell === earlier) continue;
    if (earlier === undefined) cells.set(column, cell);
    else
      mistakes.push({
        line: row.line,
        message: `${column}: expected ${quote(earlier)} as in an earlier row, came ${quote(cell)}`,
      });
  }
  return mistakes;
}

function gatherDevice(devices: Map<string, GatheredDevice>, row: ImportRow): readonly ImportMistake[] {
  const { line } = row;
  const id = row.cell("device");
  const word = row.cell("word");
  const loose = ([...deviceColumns.slice(1), "word", ...fieldColumns] as const).filter(
    (column) => row.cell(column) !== "",
  );
  if (id === "")
    return loose.map((column) => ({ line, message: `device: expected one beside ${column}, came nothing` }));
  const device = gathered(devices, normaliseDeviceId(id), {
    line,
    cells: new Map(),
    words: new Map<string, Gathered>(),
  });
  const mistakes = gather(device, row, deviceColumns);
  const described = fieldColumns.filter((column) => row.cell(column) !== "");
  if (word === "") {
    return [
      ...mistakes,
      ...described.map((column) => ({ line, message: `word: expected one beside ${column}, came nothing` })),
    ];
  }
  const known = device.words.get(word);
  if (known !== undefined)
    return [...mistakes, { line, message: `word: expected ${quote(word)} once for the device, came again` }];
  const field: Gathered = { line, cells: new Map() };
  device.words.set(word, field);
  return [...mistakes, ...gather(field, row, fieldColumns)];
}

function toThing(id: string, cells: Gathered["cells"], operator: string | undefined): unknown {
  const lat = toDegrees(cells.get("lat"), maxLatitude);
  const lon = toDegrees(cells.get("lon"), maxLongitude);
  const tags = cells.get("tags");
  return {
    id,
    name: cells.get("name"),
    domain: cells.get("domain"),
    operator: cells.get("operator") ?? operator,
    ...(lat === undefined || lon === undefined ? {} : { location: { type: "Point", coordinates: [lon, lat] } }),
    ...(tags === undefined ? {} : { tags: tags.split(/\s+/) }),
  };
}

const maxLatitude = 90;
const maxLongitude = 180;

/** With a decimal point or comma. */
function toDegrees(text: string | undefined, most: number): number | undefined {
  if (text === undefined || !/^[+-]?\d{1,3}(?:[.,]\d{1,15})?$/.test(text)) return undefined;
  const degrees = Number(text.replace(",", "."));
  return Math.abs(degrees) <= most ? degrees : undefined;
}

function degreeMistakes(cells: Gathered["cells"]): readonly string[] {
  if (!cells.has("lat") && !cells.has("lon")) return [];
  const limits = [
    ["lat", maxLatitude],
    ["lon", maxLongitude],
  ] as const;
  return limits.flatMap(([column, most]) => {
    const cell = cells.get(column);
    if (toDegrees(cell, most) !== undefined) return [];
    const came = cell === undefined ? "nothing" : quote(cell);
    return [`${column}: expected degrees such as 9.53 or 9,53, from -${most} to ${most}, came ${came}`];
  });
}

function toDevice(id: string, { cells, words }: GatheredDevice): unknown {
  const profile = cells.get("profile");
  const timeZone = cells.get("timezone");
  const fields = [...words].map(([word, field]) => [word, Object.fromEntries(field.cells)] as const);
  return {
    id,
    thing: cells.get("thing"),
    ...(profile === undefined ? {} : { profile }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(fields.length === 0 ? {} : { fields: Object.fromEntries(fields) }),
  };
}

function schemaMistakes(error: z.ZodError, line: number, cells: Gathered["cells"]): readonly ImportMistake[] {
  return error.issues.map(({ path, message }) => {
    const at = path.join(".");
    const column = at === "timeZone" ? "timezone" : at;
    const cell = cells.get(column as ImportColumn);
    return { line, message: `${column}: ${message}${cell === undefined ? "" : `, came ${quote(cell)}`}` };
  });
}
