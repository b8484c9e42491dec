import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTemporaryFolder } from "@messnetz/testing";
import { expect, it } from "vitest";
import { influxConfigSchema, readInfluxAddress } from "./config.ts";

it("the address of InfluxDB has its secrets from files, without the line ends around them", async () => {
  await using folder = await createTemporaryFolder();
  const file = join(folder.path, "token");
  await writeFile(file, "s3cret\n");
  const config = influxConfigSchema.parse({ MESSNETZ_INFLUX_TOKEN_FILE: file, MESSNETZ_INFLUX_TIMEOUT_MS: "5000" });
  expect(await readInfluxAddress(config)).toEqual({
    url: "http://127.0.0.1:8086",
    database: "messnetz",
    token: "s3cret",
    timeoutMs: 5000,
  });
});

it("a secret's file that cannot be read stops the start", async () => {
  const config = influxConfigSchema.parse({ MESSNETZ_INFLUX_PASSWORD_FILE: "/nonexistent/password" });
  await expect(readInfluxAddress(config)).rejects.toThrow("/nonexistent/password");
});

it.each(["ftp://127.0.0.1:8086", "127.0.0.1:8086", "http//x"])("%s is no address of InfluxDB", (url) => {
  expect(influxConfigSchema.safeParse({ MESSNETZ_INFLUX_URL: url }).success).toBe(false);
});
