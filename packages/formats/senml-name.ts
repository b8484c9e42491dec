/** A SenML name, parted: who measured, and what. */
export interface SenmlName {
  /** External id: the `urn:` itself, else `senml:<name>`. */
  readonly device: string;
  /** The device's own word for what it measures. */
  readonly name: string;
  /** The word where it could be a property of the catalogue; whether it is one is seen later on the road. */
  readonly property?: string;
  readonly channel?: string;
}

/** The names of one base name: `n`, perhaps empty, and the unit as written. Undefined where the name is not allowed. */
export type NamesOfBase = (n: string, unit: string | undefined) => SenmlName | undefined;

const maxBases = 20_000;
const maxNamesPerBase = 100;
/** Longer names are read each time, so that nobody fills the memory. */
const maxRememberedLength = 128;

/** Devices say the same names again and again: each is parted once, then found. A flood of new ones starts over. */
export function createNameReader(): (base: string) => NamesOfBase {
  const bases = new Map<string, NamesOfBase>();
  return (base) => {
    const known = bases.get(base);
    if (known !== undefined) return known;
    const made = createNamesOfBase(base);
    if (base.length > maxRememberedLength) return made;
    if (bases.size >= maxBases) bases.clear();
    bases.set(base, made);
    return made;
  };
}

function createNamesOfBase(base: string): NamesOfBase {
  const names = new Map<string, SenmlName | undefined>();
  return (n, unit) => {
    if (n === "" || base === "" || n.length > maxRememberedLength)
      return readName(base + n, n === "" ? "" : base, unit);
    const known = names.get(n);
    if (known !== undefined || names.has(n)) return known;
    const name = readName(base + n, base, undefined);
    if (name?.name === wordless) return readName(base + n, base, unit); // the unit may tell the word
    if (names.size >= maxNamesPerBase) names.clear();
    names.set(n, name);
    return name;
  };
}

/** RFC 8428 §4.5.1. */
const allowed = /^[A-Za-z0-9][A-Za-z0-9\-:./_]*$/u;

/**
 * Parts the resolved name `text` (base name and name together).
 * - `urn:dev:<type>:<id>` (RFC 9039) is the device; what follows after `:`, `/` or `_` is the word. So a name means the same however the
 *   pack cuts it into `bn` and `n`. Hexadecimal ids (`mac`, `ow`) become lower case.
 * - Otherwise the base name is the device, without separators at its end, and `n` is the word.
 * - Without a base name the last `:` or `/` parts them.
 * - What has no word is all device. The unit then says the word where it can mean one thing only (`wordByUnit`); else it is `value`.
 *
 * A word `<property>.<channel>`, with `.`, `:` or `/` between them, names a channel: `voltage.L1`.
 * Undefined where the name is empty, too long or has other characters than RFC 8428 allows.
 */
export function readName(text: string, base: string, unit: string | undefined): SenmlName | undefined {
  if (text.length > maxNameLength || !allowed.test(text)) return undefined;
  const end = deviceEnd(text, base);
  let from = end;
  while (isSeparator(text.charCodeAt(from))) from++;
  const prefix = text.slice(0, end);
  if (prefix.length > maxDeviceLength) return undefined;
  const device = prefix.startsWith("urn:") ? lowerHex(prefix) : `senml:${prefix}`;
  return from < text.length ? readWord(device, text.slice(from)) : nameless(device, unit);
}

/** Of a device id after its scheme. */
const maxDeviceLength = 120;
const maxNameLength = 256;
const maxChannelLength = 64;

function isSeparator(code: number): boolean {
  return code === 0x3a || code === 0x2f || code === 0x5f; // : / _
}

/** Where the device's part of the name ends. */
function deviceEnd(text: string, base: string): number {
  if (text.startsWith("urn:dev:")) {
    let at = text.indexOf(":", "urn:dev:".length);
    if (at < 0) return text.length;
    for (at++; at < text.length && !isSeparator(text.charCodeAt(at));) at++;
    return at;
  }
  let end = base.length;
  if (end === 0) {
    end = Math.max(text.lastIndexOf(":"), text.lastIndexOf("/"));
    if (end <= 0 || end === text.length - 1) end = text.length;
  }
  while (end > 1 && isSeparator(text.charCodeAt(end - 1))) end--;
  return end;
}

function lowerHex(urn: string): string {
  return urn.startsWith("urn:dev:mac:") || urn.startsWith("urn:dev:ow:") ? urn.toLowerCase() : urn;
}

function readWord(device: string, word: string): SenmlName {
  if (property.test(word)) return { device, name: word, property: word };
  const parts = propertyAndChannel.exec(word);
  const channel = parts?.[2];
  if (parts?.[1] === undefined || channel === undefined || channel.length > maxChannelLength)
    return { device, name: word };
  return { device, name: word, property: parts[1], channel };
}

/** What a property key looks like. */
const property = /^[a-z][a-z0-9_]{0,62}$/u;
const propertyAndChannel = /^([a-z][a-z0-9_]{0,62})[.:/]([A-Za-z0-9_-]+)$/u;

/** Units of the SenML registry that one property alone is measured in. */
const wordByUnit: ReadonlyMap<string, string> = new Map([
  ["Cel", "temperature"],
  ["%RH", "relative_humidity"],
  ["%EL", "battery_level"],
  ["lat", "latitude"],
  ["lon", "longitude"],
  ["lx", "illuminance"],
  ["pH", "ph"],
]);

/** The reading's name where neither name nor unit tell a word. */
const wordless = "value";

function nameless(device: string, unit: string | undefined): SenmlName {
  const word = unit === undefined ? undefined : wordByUnit.get(unit);
  return word === undefined ? { device, name: wordless } : { device, name: word, property: word };
}
