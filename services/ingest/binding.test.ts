import { expect, it } from "vitest";
import { assertSafeDoor } from "./binding.ts";
import { type IngestConfig, ingestConfigSchema } from "./config.ts";

function config(given: Partial<Record<keyof IngestConfig, string>>): IngestConfig {
  return ingestConfigSchema.parse(given);
}

it.each(["127.0.0.1", "::1", "localhost"])("lets the door listen on %s without TLS", (host) => {
  expect(() => assertSafeDoor(config({ MESSNETZ_MQTT_HOST: host }))).not.toThrow();
});

it.each(["0.0.0.0", "::", "192.168.1.2", "town.example"])("refuses %s without TLS, and says why", (host) => {
  expect(() => assertSafeDoor(config({ MESSNETZ_MQTT_HOST: host }))).toThrow(/TLS/);
});

it("lets it listen anywhere with TLS", () => {
  const given = { MESSNETZ_MQTT_HOST: "0.0.0.0", MESSNETZ_MQTT_TLS_CERT: "cert.pem", MESSNETZ_MQTT_TLS_KEY: "key.pem" };
  expect(() => assertSafeDoor(config(given))).not.toThrow();
});

it.each(["MESSNETZ_MQTT_TLS_CERT", "MESSNETZ_MQTT_TLS_KEY", "MESSNETZ_MQTT_TLS_CA"])("refuses %s alone", (name) => {
  expect(() => assertSafeDoor(config({ [name]: "file.pem" }))).toThrow(/expected both/);
});
