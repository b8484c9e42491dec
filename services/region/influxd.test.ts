import { appendFileSync, globSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder, findInfluxServers } from "@messnetz/testing";
import { describe, expect, it } from "vitest";
import { ask, type InfluxVariables } from "./influx-access.ts";
import { prepareInfluxd } from "./influxd.ts";
import { createPart } from "./part.ts";
import { createPorts } from "./ports.ts";
import { openSecretFiles } from "./secret-files.ts";

/** Kind of entry 1 (a write) that promises 16 KB and has less: what a kill in the middle of a write leaves (`tsdb/engine/tsm1/wal.go`). */
const halfEntry = Buffer.concat([Buffer.from([1, 0, 0, 0x40, 0]), Buffer.alloc(3000, 7)]);

const installed = findInfluxServers().filter(({ program }) => program !== undefined);

describe.skipIf(installed.length === 0)("the region's influxd (without influxd: not tried)", () => {
  async function open(generation: 1 | 2, program: string) {
    const folder = await createTemporaryFolder();
    const ports = createPorts();
    const port = (await ports.take())!;
    const secrets = await openSecretFiles(join(folder.path, "secrets"));
    const { spec, provide } = await prepareInfluxd({
      program: { path: program, version: generation === 1 ? "1.6.7" : "2.x" },
      folder: join(folder.path, "influxdb"),
      port,
      backupPort: (await ports.take())!,
      mendPort: (await ports.take())!,
    });
    const part = createPart(spec, { logFile: join(folder.path, "log"), onEvent: () => {}, onChange: () => {} });
    part.start();
    await part.ready();
    const url = `http://127.0.0.1:${port}`;
    const { variables } = await provide({ url, database: "messnetz", secrets });
    const authorization = async (role: "writer" | "reader"): Promise<string> => {
      const of: InfluxVariables = variables[role];
      const token = await secrets.find(`influx-${role}-token`);
      if (of["MESSNETZ_INFLUX_USER"] === undefined) return `Token ${token}`;
      const password = await secrets.secret(`influx-${role}-password`);
      return `Basic ${Buffer.from(`${role}:${password}`).toString("base64")}`;
    };
    return {
      part,
      folder: folder.path,
      provideAgain: () => provide({ url, database: "messnetz", secrets }),
      async write(role: "writer" | "reader", line: string) {
        const path = generation === 1 ? "/write?db=messnetz" : "/api/v2/write?org=messnetz&bucket=messnetz";
        const headers = { authorization: await authorization(role) };
        return (await ask(`${url}${path}`, { method: "POST", headers, body: line })).status;
      },
      async count() {
        const headers = { authorization: await authorization("reader") };
        const q = new URLSearchParams({ db: "messnetz", q: "SELECT count(value) FROM level" });
        const { text } = await ask(`${url}/query?${q.toString()}`, { method: "GET", headers });
        return /,(\d+)\]/.exec(text)?.[1];
      },
      async [Symbol.asyncDispose]() {
        await part.stop();
        await folder.remove();
      },
    };
  }

  it.each(installed)(
    "has an account that writes and one that only reads ($version)",
    async ({ generation, program }) => {
      await using influx = await open(generation, program!);
      expect(await influx.write("writer", "level value=1 1")).toBe(204);
      expect(await influx.write("reader", "level value=1 2")).toBe(403);
      expect(await influx.count()).toBe("1");
      await influx.provideAgain();
      expect(await influx.write("writer", "level value=1 3")).toBe(204);
    },
    60_000,
  );

  it.each(installed)(
    "keeps what it took after a kill in the middle of a write through the next kill ($version)",
    async ({ generation, program }) => {
      await using influx = await open(generation, program!);
      await influx.write("writer", "level value=1 1");
      await influx.part.kill();
      appendFileSync(globSync(join(influx.folder, "influxdb/**/*.wal")).toSorted().at(-1)!, halfEntry);
      await influx.part.restart();
      expect(await influx.write("writer", "level value=1 2")).toBe(204);
      await influx.part.kill();
      await influx.part.restart();
      expect(await influx.count()).toBe("2");
    },
    60_000,
  );
});
