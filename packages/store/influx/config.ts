import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { InfluxAddress } from "./options.ts";

const text = (description: string) => z.string().min(1).optional().describe(description);

/** Where InfluxDB is and who we are there: a flat part of a service's configuration. */
export const influxConfigSchema = z.object({
  MESSNETZ_INFLUX_URL: z
    .url({ protocol: /^https?$/, error: "the address of InfluxDB, for example http://127.0.0.1:8086" })
    .default("http://127.0.0.1:8086")
    .describe("InfluxDB 1.x, 2.x, or what speaks their protocol. Which one it is, is asked."),
  MESSNETZ_INFLUX_DATABASE: z
    .string()
    .min(1)
    .default("messnetz")
    .describe("Database of 1.x, bucket of 2.x. It is not created: its retention is a decision."),
  MESSNETZ_INFLUX_ORG: text("Organisation of 2.x. Needed where the token may see several."),
  MESSNETZ_INFLUX_TOKEN_FILE: text("File with the token of 2.x. Goes instead of user and password."),
  MESSNETZ_INFLUX_USER: text("User of 1.x. Goes with the password."),
  MESSNETZ_INFLUX_PASSWORD_FILE: text("File with the password of 1.x."),
  MESSNETZ_INFLUX_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(100)
    .max(600_000)
    .default(30_000)
    .describe("How long an answer of InfluxDB may take to begin, and a write to end. Milliseconds."),
});

/** The address with its secrets read from their files; white space around them is left out. Rejects where a file cannot be read. */
export async function readInfluxAddress(config: z.output<typeof influxConfigSchema>): Promise<InfluxAddress> {
  const secret = async (file: string | undefined) =>
    file === undefined ? undefined : (await readFile(file, "utf8")).trim();
  const token = await secret(config.MESSNETZ_INFLUX_TOKEN_FILE);
  const password = await secret(config.MESSNETZ_INFLUX_PASSWORD_FILE);
  const { MESSNETZ_INFLUX_ORG: org, MESSNETZ_INFLUX_USER: username } = config;
  return {
    url: config.MESSNETZ_INFLUX_URL,
    database: config.MESSNETZ_INFLUX_DATABASE,
    timeoutMs: config.MESSNETZ_INFLUX_TIMEOUT_MS,
    ...(org === undefined ? {} : { org }),
    ...(token === undefined ? {} : { token }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}
