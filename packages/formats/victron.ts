import { type Refusal, refusal } from "@messnetz/model";
import { deviceIdOf } from "./device-word.ts";
import { type Decoded, type DecodeContext, malformed, type Message, type PayloadFormat } from "./format.ts";
import { isJsonObject } from "./json-object.ts";
import { isConfiguration, victronMeaning } from "./victron-paths.ts";

/**
 * Victron's Venus OS: `N/<portal id>/<service>/<instance>/<path>`, the payload `{"value": 936}`; null and an empty list are a value that is
 * not there. Units stand in the documentation of the paths alone. The device is `victron:<portal id>/<service>/<instance>`.
 */
export const victron: PayloadFormat = {
  name: "victron",
  revision: 1,
  topics: ["N/#"],
  specification: "https://github.com/victronenergy/venus/wiki/dbus",
  recognises: ({ levels }) => levels[0] === "N" && portalId.test(levels[1] ?? ""),
  decode,
};

/** A MAC address, or a serial number of a GX device. */
const portalId = /^[0-9a-zA-Z]{6,24}$/u;
const instance = /^\d{1,6}$/u;

function decode(message: Message, context: DecodeContext): Decoded | Refusal {
  const [, portal = "", service = "", number = "", ...rest] = message.levels;
  if (!instance.test(number) || rest.length === 0)
    return { skip: "not a path of a service: the portal speaks of itself" };
  const device = deviceIdOf("victron", `${portal}/${service}/${number}`);
  const path = rest.join("/");
  if (message.payload.length === 0) return { skip: "an empty payload: the device went away", device };
  const isExplained = Object.hasOwn(context.device(device)?.fields ?? {}, path);
  if (!isExplained && isConfiguration(service, path)) return { skip: "a setting, or who the device is", device };
  const payload = message.json();
  if (!isJsonObject(payload) || payload["value"] === undefined) {
    return { ...malformed(message, '`{"value": ...}`', payload), device, reading: path };
  }
  const { value } = payload;
  if (value === null || (Array.isArray(value) && value.length === 0))
    return { skip: "a value that is not there", device };
  const meaning = victronMeaning(service, path);
  if (meaning === undefined && !isExplained) {
    return {
      skip: `no measurement is documented for ${service} ${path.slice(0, 80)}; the device's fields can explain it`,
      device,
    };
  }
  const isNumber = typeof value === "number" && Number.isFinite(value);
  const isFit = isNumber || (meaning?.unit === undefined && (typeof value === "boolean" || typeof value === "string"));
  if (!isFit) {
    return { ...refusal("invalid_value", "a number", value), device, reading: path };
  }
  return { readings: [{ device, name: path, value, ...meaning }] };
}
