import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { loadConfig } from "@messnetz/runtime";
import { z } from "zod";
import { influxRoles } from "./influx-access.ts";
import { provideInflux2 } from "./influx2-accounts.ts";
import { openSecretFiles, type SecretFiles } from "./secret-files.ts";

const configSchema = z.object({
  MESSNETZ_INFLUX_URL: z.url().describe("Address of the InfluxDB 2.x."),
  MESSNETZ_INFLUX_DATABASE: z.string().min(1).default("messnetz").describe("Name of the bucket."),
  MESSNETZ_INFLUX_ADMIN_TOKEN_FILE: z.string().min(1).describe("File with the token of its administrator."),
  MESSNETZ_INFLUX_TOKENS_DIR: z
    .string()
    .min(1)
    .describe("Folder with a folder for each role, where the role's `token` is kept."),
});

const triesForMs = 120_000;
const againMs = 1_000;
const adminToken = "influx-admin-token";

/**
 * Makes a token for each role of an InfluxDB 2.x that is set up, and keeps it where that role's service reads it: InfluxDB lets nobody choose
 * a token. Doing it again is harmless.
 */
export async function provideInfluxTokens(env: NodeJS.ProcessEnv): Promise<void> {
  const config = loadConfig(configSchema, env);
  const admin = (await readFile(config.MESSNETZ_INFLUX_ADMIN_TOKEN_FILE, "utf8")).trim();
  const secrets = await openTokens(config.MESSNETZ_INFLUX_TOKENS_DIR, admin);
  const server = { url: config.MESSNETZ_INFLUX_URL, database: config.MESSNETZ_INFLUX_DATABASE, secrets };
  const end = performance.now() + triesForMs;
  for (;;) {
    try {
      await provideInflux2(server);
      return;
    } catch (error) {
      // It may still be starting.
      if (performance.now() > end) throw error;
      await delay(againMs);
    }
  }
}

/** The administrator's token as it was given, and each role's in a folder of its own, which only that role's service is shown. */
async function openTokens(folder: string, admin: string): Promise<SecretFiles> {
  const opened = influxRoles.map(
    async (role) => [`influx-${role}-token`, await openSecretFiles(join(folder, role))] as const,
  );
  const stores: ReadonlyMap<string, SecretFiles> = new Map(await Promise.all(opened));
  const storeOf = (name: string): SecretFiles => {
    const store = stores.get(name);
    if (store === undefined) throw new RangeError(`expected a role's token, came ${name}`);
    return store;
  };
  return {
    path: (name) => storeOf(name).path("token"),
    find: async (name) => storeOf(name).find("token"),
    write: async (name, content) => storeOf(name).write("token", content),
    async secret(name) {
      if (name !== adminToken) throw new RangeError(`InfluxDB was set up by others: ${name} is not known here`);
      return admin;
    },
  };
}
