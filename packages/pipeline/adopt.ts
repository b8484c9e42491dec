import { type AdoptionRule, type DeviceAndThing, deviceIdSchema, type Source, thingIdSchema } from "@messnetz/model";

/**
 * The thing that an adoption rule makes of a device. Its id is the device's own, with what a thing id may not hold replaced; a short hash
 * keeps apart what the replacing would make equal. Undefined where the device's id is not one.
 */
export function adoptedThing(id: string, source: Source, rule: AdoptionRule): DeviceAndThing | undefined {
  if (!deviceIdSchema.safeParse(id).success || !namesSomething.test(id)) return undefined;
  const thing = toThingId(id);
  return {
    device: { id, thing },
    thing: {
      id: thing,
      name: id,
      domain: rule.domain,
      operator: source.operator,
      ...(rule.tags === undefined ? {} : { tags: rule.tags }),
    },
  };
}

/** Separators alone, as in `wmbus:--------`, tell no device from another. */
const namesSomething = /:.*[A-Za-z0-9]/u;

const maxLength = 64;

function toThingId(id: string): string {
  if (thingIdSchema.safeParse(id).success) return id;
  const readable = id.replaceAll(/[^A-Za-z0-9_:-]/g, "-").slice(0, maxLength - 9);
  const onlySlashes = !/[^A-Za-z0-9_:/]/.test(id) && id.length <= maxLength - 9;
  return onlySlashes ? readable : `${readable}-${hash(id)}`;
}

/** FNV-1a, 32 bit: tells ids apart, protects nothing. */
function hash(text: string): string {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  return (state >>> 0).toString(16).padStart(8, "0");
}
