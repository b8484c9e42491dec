import { readFile } from "node:fs/promises";
import type { TlsOptions } from "node:tls";
import { assertSafeBinding, ConfigError } from "@messnetz/runtime";
import { z } from "zod";

/** Where the HTTP door listens in a process that has no API; a town has it on the port of its API. */
export const httpListenerConfigSchema = z.object({
  MESSNETZ_HTTP_DOOR: z
    .enum(["on", "off"])
    .default("on")
    .describe(
      "Whether devices and network servers may also post to this process over HTTP, where its MQTT door is on.",
    ),
  MESSNETZ_HTTP_DOOR_HOST: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe("Address that the HTTP door listens on. Wider than the loopback only with TLS."),
  MESSNETZ_HTTP_DOOR_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8081)
    .describe("Port of the HTTP door; 0 takes a free one. With TLS 8443 is usual."),
  MESSNETZ_HTTP_DOOR_TLS_CERT: z
    .string()
    .min(1)
    .optional()
    .describe("PEM file of the HTTP door's certificate chain; it may be that of the MQTT door. Goes with the key."),
  MESSNETZ_HTTP_DOOR_TLS_KEY: z
    .string()
    .min(1)
    .optional()
    .meta({ secret: false, description: "PEM file of its private key." }),
});
export type HttpListenerConfig = z.infer<typeof httpListenerConfigSchema>;

/** Throws where TLS is configured by half, or an `UnsafeBindingError` where passwords would leave the machine in the clear. */
export function assertSafeHttpDoor(config: HttpListenerConfig): void {
  const { MESSNETZ_HTTP_DOOR_TLS_CERT: cert, MESSNETZ_HTTP_DOOR_TLS_KEY: key } = config;
  if ((cert === undefined) !== (key === undefined)) {
    const variable = cert === undefined ? "MESSNETZ_HTTP_DOOR_TLS_CERT" : "MESSNETZ_HTTP_DOOR_TLS_KEY";
    throw new ConfigError([{ variable, expected: "a file, as the other one names one", came: "nothing" }]);
  }
  assertSafeBinding({
    host: config.MESSNETZ_HTTP_DOOR_HOST,
    tls: cert !== undefined,
    what: "the HTTP door (MESSNETZ_HTTP_DOOR_HOST, MESSNETZ_HTTP_DOOR_TLS_CERT, MESSNETZ_HTTP_DOOR_TLS_KEY)",
  });
}

/** Undefined without TLS. */
export async function readHttpDoorTls(config: HttpListenerConfig): Promise<TlsOptions | undefined> {
  const { MESSNETZ_HTTP_DOOR_TLS_CERT: cert, MESSNETZ_HTTP_DOOR_TLS_KEY: key } = config;
  if (cert === undefined || key === undefined) return undefined;
  return { cert: await readFile(cert), key: await readFile(key), minVersion: "TLSv1.2" };
}
