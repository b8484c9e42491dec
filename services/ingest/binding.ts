import { assertSafeBinding, UnsafeBindingError } from "@messnetz/runtime";
import type { IngestConfig } from "./config.ts";

/**
 * Throws an `UnsafeBindingError` that says what to set where passwords and readings would leave the machine in the clear, or where TLS is
 * configured by half. Credentials need no check: the door has no anonymous clients.
 */
export function assertSafeDoor(config: IngestConfig): void {
  const { MESSNETZ_MQTT_TLS_CERT: cert, MESSNETZ_MQTT_TLS_KEY: key, MESSNETZ_MQTT_TLS_CA: ca } = config;
  const isWhole = cert !== undefined && key !== undefined;
  if (!isWhole && (cert !== undefined || key !== undefined || ca !== undefined))
    throw new UnsafeBindingError(
      `expected both MESSNETZ_MQTT_TLS_CERT and MESSNETZ_MQTT_TLS_KEY, came ${cert ?? key ?? ca} without ${cert === undefined ? "a certificate" : "a key"}`,
    );
  assertSafeBinding({
    host: config.MESSNETZ_MQTT_HOST,
    tls: isWhole,
    what: "the MQTT door (MESSNETZ_MQTT_HOST, MESSNETZ_MQTT_TLS_CERT, MESSNETZ_MQTT_TLS_KEY)",
  });
}
