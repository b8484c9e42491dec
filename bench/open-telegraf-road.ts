import { existsSync, globSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { findProgram, type Influx } from "@messnetz/testing";
import { openReaderRoad } from "./open-plain-road.ts";
import { startPart } from "./part.ts";
import type { Road } from "./road.ts";

/** `TELEGRAF` names the program; else that of the PATH, or a cached build. */
export function findTelegraf(): string | undefined {
  const named = process.env["TELEGRAF"];
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const built = globSync(join(cache, "telegraf-*", "telegraf"));
  return [...(named === undefined ? [] : [named]), findProgram("telegraf"), ...built].find(
    (path) => path !== undefined && existsSync(path),
  );
}

/** mosquitto, Telegraf with settings that lose nothing and wait for little, InfluxDB. */
export async function openTelegrafRoad(program: string): Promise<Road> {
  return openReaderRoad("Telegraf", async ({ folder, port, influx }) => {
    const file = join(folder, "telegraf.conf");
    await writeFile(file, configuration(port, influx));
    const part = await startPart({
      name: "Telegraf",
      command: program,
      args: ["--config", file],
      graceMs: 30_000,
      ready: (child) => child.sees(/Connected \[tcp/),
    });
    const stored = { measurement: "reading", field: "v", tag: "topic", by: "topic", where: "\"n\" = 'water_level'" };
    return { part, stored: stored as Road["stored"] };
  });
}

/** A tracked message is acknowledged to the broker when it is written; the buffer holds all that are under way, three metrics each. */
function configuration(port: number, influx: Influx): string {
  const output =
    influx.generation === 2
      ? `[[outputs.influxdb_v2]]
  urls = ["${influx.url}"]
  token = "${influx.writer.token}"
  organization = "${influx.org}"
  bucket = "${influx.database}"
  content_encoding = "identity"`
      : `[[outputs.influxdb]]
  urls = ["${influx.url}"]
  database = "${influx.database}"
  username = "${influx.writer.username}"
  password = "${influx.writer.password}"
  skip_database_creation = true
  content_encoding = "identity"`;
  return `[agent]
  interval = "1s"
  metric_batch_size = 5000
  metric_buffer_limit = 200000
  flush_interval = "1s"
  flush_jitter = "0s"
  omit_hostname = true
[[inputs.mqtt_consumer]]
  servers = ["tcp://127.0.0.1:${port}"]
  topics = ["load/#"]
  qos = 1
  persistent_session = true
  client_id = "telegraf"
  max_undelivered_messages = 20000
  name_override = "reading"
  data_format = "json"
  tag_keys = ["n", "u"]
  json_time_key = "t"
  json_time_format = "unix"
${output}
`;
}
