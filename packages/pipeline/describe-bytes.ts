import type { BytesSeen, ByteSpan, DeviceProfile } from "@messnetz/formats";

/** What a layout said of bytes: which they are, what they hold, what became of it, and by which item of the profile. */
export function describeBytes(
  seen: BytesSeen,
  bytes: Uint8Array,
  document: DeviceProfile["document"],
): { readonly about: string; readonly text: string } {
  const { became, item, from, to } = seen;
  const name = "name" in became ? became.name : became.kind;
  const where =
    from === to && seen.madeOf !== undefined
      ? `made of ${seen.madeOf.map((span) => describeSpan(span)).join(", ")}`
      : `${describeSpan(seen)} (${hexOf(bytes.subarray(from, to))})`;
  return { about: name, text: `${where}: ${describeBecame(seen)}; by ${item.join(".")}${optionsAt(document, item)}` };
}

function describeBecame({ became, raw }: BytesSeen): string {
  switch (became.kind) {
    case "value": {
      const value = JSON.stringify(became.value);
      return raw === undefined || raw === became.value ? value : `${raw} → ${value}`;
    }
    case "none":
      return `${raw === undefined ? "" : `${raw} → `}no value`;
    case "key":
      return `the key ${became.key}${became.length === undefined ? "" : `, ${became.length} bytes follow`}`;
    case "flags":
      return `the flags ${became.flags.toString(2)} say which groups follow`;
    case "constant":
      return "as it must be";
    default:
      return "read over";
  }
}

/** `byte 3`, `bytes 3-4`, `byte 3, bits 0-3`. */
export function describeSpan({ from, to, bits }: ByteSpan): string {
  const bytes = to - from === 1 ? `byte ${from}` : to === from ? `before byte ${from}` : `bytes ${from}-${to - 1}`;
  if (bits === undefined) return bytes;
  return `${bytes}, ${bits.low === bits.high ? `bit ${bits.low}` : `bits ${bits.low}-${bits.high}`}`;
}

const shownBytes = 32;

function hexOf(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, shownBytes), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return bytes.length > shownBytes ? `${shown} …` : shown;
}

/** What the item says beside its name, where that is short: type, scale, codes for none. */
function optionsAt(document: unknown, path: readonly (string | number)[]): string {
  let node: unknown = document;
  for (const step of path) {
    if (typeof node !== "object" || node === null) return "";
    node = (node as Readonly<Record<string, unknown>>)[step];
  }
  if (typeof node !== "object" || node === null) return node === undefined ? "" : ` (${plain(node)})`;
  const options = Object.entries(node).flatMap(([key, value]: [string, unknown]) => {
    const isPlain =
      typeof value !== "object" || (Array.isArray(value) && value.every((one) => typeof one !== "object"));
    return value === undefined || key === "name" || !isPlain
      ? []
      : [`${key} ${Array.isArray(value) ? value.join(", ") : plain(value)}`];
  });
  return options.length === 0 ? "" : ` (${options.join("; ")})`;
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
