import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:net";
import { once } from "node:events";
import { promisify } from "node:util";
import { createTemporaryFolder, eventually, findProgram, type TemporaryFolder } from "@messnetz/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTrialDoor, reading, type TrialDoor } from "./trial-door.fixture.ts";

const openssl = findProgram("openssl");

describe.skipIf(openssl === undefined)(
  `TLS${openssl === undefined ? " (SKIPPED: openssl is not installed)" : ""}`,
  () => {
    let folder: TemporaryFolder;
    const path = (name: string): string => join(folder.path, name);

    beforeAll(async () => {
      folder = await createTemporaryFolder();
      for (const name of ["server", "device"])
        await promisify(execFile)(openssl!, [
          "req",
          "-x509",
          "-newkey",
          "ec",
          "-pkeyopt",
          "ec_paramgen_curve:prime256v1",
          "-nodes",
          "-days",
          "2",
          "-subj",
          "/CN=localhost",
          "-addext",
          "subjectAltName=DNS:localhost,IP:127.0.0.1",
          "-keyout",
          path(`${name}.key`),
          "-out",
          path(`${name}.crt`),
        ]);
    });
    afterAll(() => folder.remove());

    function openTlsDoor(more: object = {}): Promise<TrialDoor> {
      const files = { MESSNETZ_MQTT_TLS_CERT: path("server.crt"), MESSNETZ_MQTT_TLS_KEY: path("server.key") };
      return openTrialDoor({ config: { ...files, ...more } });
    }

    it.each([4, 5] as const)("a client that trusts the certificate publishes (version %d)", async (version) => {
      await using trial = await openTlsDoor();
      const client = await trial.client({
        protocol: "mqtts",
        protocolVersion: version,
        ca: await readFile(path("server.crt")),
      });
      await client.publishAsync("town/gauge", reading(1), { qos: 1 });
      expect(trial.publisher.messages()).toHaveLength(1);
    });

    it("listens on every address then", async () => {
      await using trial = await openTlsDoor({ MESSNETZ_MQTT_HOST: "0.0.0.0" });
      expect(trial.door.address().host).toBe("0.0.0.0");
    });

    it("refuses a version of TLS that is too old", async () => {
      await using trial = await openTlsDoor({ MESSNETZ_MQTT_TLS_MIN_VERSION: "TLSv1.3" });
      const ca = await readFile(path("server.crt"));
      const old = { maxVersion: "TLSv1.2" } as object;
      await expect(trial.client({ protocol: "mqtts", ca, ...old })).rejects.toThrow(/protocol version|closed/);
      const client = await trial.client({ protocol: "mqtts", ca });
      expect(client.connected).toBe(true);
    });

    it("asks for a client certificate where it is required", async () => {
      const required = { MESSNETZ_MQTT_TLS_CA: path("device.crt"), MESSNETZ_MQTT_TLS_CLIENT_CERTIFICATE: "required" };
      await using trial = await openTlsDoor(required);
      const ca = await readFile(path("server.crt"));
      await expect(trial.client({ protocol: "mqtts", ca })).rejects.toThrow(/certificate|closed|reset/);
      const [cert, key] = [await readFile(path("device.crt")), await readFile(path("device.key"))];
      expect((await trial.client({ protocol: "mqtts", ca, cert, key })).connected).toBe(true);
    });

    it("cuts off who does not shake hands, or speaks in the clear, and closes in time", async () => {
      const trial = await openTlsDoor({ MESSNETZ_MQTT_CONNECT_TIMEOUT_MS: "300" });
      const [silent, clear] = [connect(trial.port, "127.0.0.1"), connect(trial.port, "127.0.0.1")];
      for (const socket of [silent, clear]) socket.on("error", () => {});
      clear.write(Buffer.from([0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 1, 0x61]));
      await Promise.all([once(silent, "close"), once(clear, "close")]);
      const waiting = connect(trial.port, "127.0.0.1");
      waiting.on("error", () => {});
      await once(waiting, "connect");
      await trial[Symbol.asyncDispose]();
      expect(await eventually("the socket to be closed", () => waiting.closed)).toBe(true);
    });

    it("names the variable of a file that cannot be read", async () => {
      await expect(openTlsDoor({ MESSNETZ_MQTT_TLS_KEY: path("missing.key") })).rejects.toThrow(
        /MESSNETZ_MQTT_TLS_KEY.*missing/,
      );
    });
  },
);
