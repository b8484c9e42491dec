import { fileURLToPath } from "node:url";
import { createTemporaryFolder, type Influx } from "@messnetz/testing";
import { startInfluxPart } from "./influx-database.ts";
import { startMosquittoPart } from "./mosquitto-part.ts";
import { type Part, startPart } from "./part.ts";
import type { Road } from "./road.ts";

const main = fileURLToPath(new URL("./plain-road-process.ts", import.meta.url));
const graceMs = 30_000;

/** mosquitto, `plain-road-process.ts`, InfluxDB. */
export async function openPlainRoad(): Promise<Road> {
  return openReaderRoad("the plain road in TypeScript", async ({ port, influx }) => ({
    part: await startPart({
      name: "plain road",
      command: process.execPath,
      args: [main],
      env: {
        BROKER: `mqtt://127.0.0.1:${port}`,
        INFLUX_URL: influx.url,
        INFLUX_TOKEN: influx.writer.token ?? "",
        INFLUX_ORG: influx.org ?? "",
        INFLUX_BUCKET: influx.database,
        ...(influx.generation === 1 && { INFLUX_PATH: firstPath(influx) }),
      },
      graceMs,
      ready: (child) => child.sees(/subscribed/),
    }),
    stored: { measurement: "water_level", field: "value", tag: "device", by: "base-name" },
  }));
}

/** InfluxDB 1.x takes the line protocol at another path, and knows no tokens. */
function firstPath({ database, writer }: Influx): string {
  return `/write?db=${database}&precision=ms&u=${writer.username}&p=${writer.password}`;
}

/** mosquitto and InfluxDB with one process between them that reads from the one and writes to the other. */
export async function openReaderRoad(
  name: string,
  startReader: (between: {
    readonly folder: string;
    readonly port: number;
    readonly influx: Influx;
  }) => Promise<{ readonly part: Part; readonly stored: Road["stored"] }>,
): Promise<Road> {
  const opened = new AsyncDisposableStack();
  try {
    const folder = opened.use(await createTemporaryFolder()).path;
    const { influx, part: database } = await startInfluxPart();
    opened.use(database);
    const broker = await startMosquittoPart(folder);
    opened.use(broker.part);
    const reader = await startReader({ folder, port: broker.port, influx });
    opened.use(reader.part);
    return {
      name,
      parts: [broker.part, reader.part, database],
      target: { host: "127.0.0.1", port: broker.port, username: "bench", password: "" },
      influx: { url: influx.url, database: influx.database, account: influx.admin },
      stored: reader.stored,
      settle: () => reader.part.stop(),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}
