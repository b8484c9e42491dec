/** Schemes whose ids are hexadecimal: EUI-64 of LoRaWAN, identification number of wireless M-Bus (EN 13757-7). */
const hexSchemes = new Set(["lorawan", "wmbus"]);
/** Hexadecimal device names (RFC 9039, 4.1 and 4.2): MAC and EUI-64, 1-Wire. */
const hexUrn = /^urn:dev:(?:mac|ow):/i;

/**
 * The one form of a device id: scheme in lower case; hexadecimal ids in lower case and without separators
 * (`LoRaWAN:24-E1-24-13-6B-50-22-17` is `lorawan:24e124136b502217`). Other ids keep their case: makers tell devices apart by it.
 */
export function normaliseDeviceId(id: string): string {
  const colon = id.indexOf(":");
  if (colon < 0) return id;
  if (hexUrn.test(id)) return id.toLowerCase();
  const scheme = id.slice(0, colon).toLowerCase();
  const rest = id.slice(colon + 1);
  return `${scheme}:${hexSchemes.has(scheme) ? rest.replaceAll(/[-:. ]/g, "").toLowerCase() : rest}`;
}
