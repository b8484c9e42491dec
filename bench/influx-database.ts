import { findInfluxServers, type Influx, startInflux } from "@messnetz/testing";
import type { Part } from "./part.ts";
import { cpuSeconds } from "./process-figures.ts";

/** A database of 1.x or bucket of 2.x, and an account that may read it. */
export interface InfluxDatabase {
  readonly url: string;
  readonly database: string;
  readonly account: Influx["admin"];
}

/** An empty InfluxDB: the newest generation that is installed. */
export async function startInfluxPart(): Promise<{ readonly influx: Influx; readonly part: Part }> {
  const newest = findInfluxServers().at(-1);
  if (newest === undefined) throw new Error("expected an influxd (Debian: influxdb; a 2.x may be named by INFLUXD2)");
  const influx = await startInflux({ version: newest.generation });
  const part: Part = {
    name: "influxd",
    start: () => influx.restart(),
    kill: () => influx.kill(),
    stop: () => influx.stop(),
    cpuSeconds: () => cpuSeconds(influx.child.pid),
    output: () => influx.child.output(),
    [Symbol.asyncDispose]: () => influx.stop(),
  };
  return { influx, part };
}

/** The answer to an InfluxQL query as lines of CSV, `name,tags,time,...`, times in milliseconds. */
export async function* queryInflux(from: InfluxDatabase, influxQl: string): AsyncGenerator<string> {
  const query = new URLSearchParams({ db: from.database, q: influxQl, epoch: "ms", chunked: "true" });
  const reply = await fetch(`${from.url}/query?${query.toString()}`, {
    headers: { authorization: authorizationOf(from.account), accept: "application/csv" },
  });
  if (!reply.ok) throw new Error(`${influxQl}: expected 200, came ${reply.status} ${await reply.text()}`);
  let rest = "";
  for await (const text of reply.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}

function authorizationOf({ token, username = "", password = "" }: Influx["admin"]): string {
  if (token !== undefined) return `Token ${token}`;
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
