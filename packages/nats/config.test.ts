import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTemporaryFolder, findNatsServers, startNats } from "@messnetz/testing";
import { expect, it } from "vitest";
import { connectNats, natsConfigSchema, readNatsAccess } from "./index.ts";

const configOf = (environment: Readonly<Record<string, string>>) => natsConfigSchema.parse(environment);

it("has defaults for a server on this machine", async () => {
  expect(await readNatsAccess(configOf({}))).toEqual({ urls: ["nats://127.0.0.1:4222"] });
});

it("takes several addresses and files", async () => {
  await using folder = await createTemporaryFolder();
  const file = join(folder.path, "password");
  await writeFile(file, "geheim \n");
  const access = await readNatsAccess(
    configOf({
      MESSNETZ_NATS_URL: "nats://a:4222, nats://b:4222,",
      MESSNETZ_NATS_USER: "ingest",
      MESSNETZ_NATS_PASSWORD_FILE: file,
      MESSNETZ_NATS_TLS_CA: "/ca.pem",
      MESSNETZ_NATS_MONITORING_URL: "http://a:8222",
    }),
  );
  expect(access).toEqual({
    urls: ["nats://a:4222", "nats://b:4222"],
    user: "ingest",
    password: "geheim ",
    tls: { ca: "/ca.pem" },
    monitoringUrl: "http://a:8222",
  });
});

it.each([
  [{ MESSNETZ_NATS_USER: "a" }, "MESSNETZ_NATS_PASSWORD_FILE beside MESSNETZ_NATS_USER"],
  [{ MESSNETZ_NATS_PASSWORD_FILE: "/p" }, "MESSNETZ_NATS_USER beside MESSNETZ_NATS_PASSWORD_FILE"],
  [{ MESSNETZ_NATS_TLS_CERT: "/c" }, "MESSNETZ_NATS_TLS_KEY beside MESSNETZ_NATS_TLS_CERT"],
  [
    { MESSNETZ_NATS_USER: "a", MESSNETZ_NATS_PASSWORD_FILE: "/p", MESSNETZ_NATS_CREDENTIALS_FILE: "/c" },
    "remove one of them",
  ],
  [{ MESSNETZ_NATS_USER: "a", MESSNETZ_NATS_PASSWORD_FILE: "/nowhere" }, "expected a readable file, came /nowhere"],
])("refuses %j", async (environment, message) => {
  await expect(readNatsAccess(configOf(environment))).rejects.toThrow(message);
});

it("refuses a number of replicas that cannot agree", () => {
  expect(() => configOf({ MESSNETZ_NATS_REPLICAS: "2" })).toThrow(/1, 3 or 5/);
});

it.skipIf(findNatsServers().length === 0)("is let in by the password of its file (needs a nats-server)", async () => {
  await using folder = await createTemporaryFolder();
  const file = join(folder.path, "password");
  await writeFile(file, "geheim\n");
  await using server = await startNats({ lines: ['authorization { user: ingest, password: "geheim" }'] });
  const access = await readNatsAccess(
    configOf({ MESSNETZ_NATS_URL: server.url, MESSNETZ_NATS_USER: "ingest", MESSNETZ_NATS_PASSWORD_FILE: file }),
  );
  const link = await connectNats({ ...access, name: "ingest", signal: AbortSignal.timeout(60_000) });
  await expect(link.check()).resolves.toBeUndefined();
  await link.close();
});
