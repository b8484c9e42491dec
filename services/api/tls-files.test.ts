import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { get } from "node:https";
import { join } from "node:path";
import { promisify } from "node:util";
import { createTemporaryFolder, findProgram } from "@messnetz/testing";
import { describe, expect, test } from "vitest";
import { apiConfigSchema } from "./config.ts";
import { createApi } from "./create-api.ts";
import { createExampleTown } from "./example-town.fixture.ts";
import { readTlsFiles } from "./tls-files.ts";

const openssl = findProgram("openssl");

test("neither certificate nor key is plain HTTP, and one alone is a mistake", async () => {
  expect(await readTlsFiles(apiConfigSchema.parse({}))).toBeUndefined();
  const half = apiConfigSchema.parse({ MESSNETZ_HTTP_TLS_CERT: "cert.pem" });
  await expect(readTlsFiles(half)).rejects.toThrow("came only MESSNETZ_HTTP_TLS_CERT");
});

describe.skipIf(openssl === undefined)(
  `TLS${openssl === undefined ? " (SKIPPED: openssl is not installed)" : ""}`,
  () => {
    test("with a certificate it may listen on every address, and speaks TLS only", async () => {
      await using folder = await createTemporaryFolder();
      const [cert, key] = ["server.crt", "server.key"].map((name) => join(folder.path, name)) as [string, string];
      const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
      const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
      await promisify(execFile)(openssl!, [
        "req",
        "-x509",
        ...curve,
        "-days",
        "2",
        ...subject,
        "-keyout",
        key,
        "-out",
        cert,
      ]);
      const tls = (await readTlsFiles(
        apiConfigSchema.parse({ MESSNETZ_HTTP_TLS_CERT: cert, MESSNETZ_HTTP_TLS_KEY: key }),
      ))!;

      const { options, registry } = await createExampleTown();
      const api = await createApi({ ...options, tls });
      const { port } = new URL(await api.listen("0.0.0.0", 0));
      const ca = await readFile(cert);
      const headers = await new Promise((resolve, reject) => {
        get({ host: "127.0.0.1", port, path: "/healthz", ca, agent: false }, (answer) => {
          answer.resume();
          resolve({ status: answer.statusCode, transport: answer.headers["strict-transport-security"] });
        }).on("error", reject);
      });
      expect(headers).toEqual({ status: 200, transport: "max-age=31536000" });
      await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow("fetch failed");
      await api.close();
      await registry.close();
    });
  },
);
