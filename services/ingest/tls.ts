import { readFile } from "node:fs/promises";
import type { TlsOptions } from "node:tls";
import type { IngestConfig } from "./config.ts";

/** Undefined without TLS. Rejects, naming the variable, where a file cannot be read. */
export async function readTlsOptions(config: IngestConfig): Promise<TlsOptions | undefined> {
  const { MESSNETZ_MQTT_TLS_CERT: cert, MESSNETZ_MQTT_TLS_KEY: key, MESSNETZ_MQTT_TLS_CA: ca } = config;
  if (cert === undefined || key === undefined) return undefined;
  return {
    cert: await read("MESSNETZ_MQTT_TLS_CERT", cert),
    key: await read("MESSNETZ_MQTT_TLS_KEY", key),
    minVersion: config.MESSNETZ_MQTT_TLS_MIN_VERSION,
    handshakeTimeout: config.MESSNETZ_MQTT_CONNECT_TIMEOUT_MS,
    ...(ca !== undefined && {
      ca: await read("MESSNETZ_MQTT_TLS_CA", ca),
      requestCert: true,
      rejectUnauthorized: config.MESSNETZ_MQTT_TLS_CLIENT_CERTIFICATE === "required",
    }),
  };
}

async function read(variable: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Error(`expected a readable PEM file in ${variable}, came ${path}`, { cause });
  }
}
