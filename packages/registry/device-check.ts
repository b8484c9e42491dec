import { type Catalogue, conversion, type Device, isChannel, isTimeZone, parseUnit } from "@messnetz/model";

export interface DeviceKnowledge {
  /** What may be measured: `fields` name its properties. */
  readonly catalogue: Catalogue;
  /** Names of the device profiles (`<maker>/<model>`); absent: any name is taken. */
  readonly profiles?: ReadonlySet<string> | undefined;
}

/** What a device says that fits nothing known. */
export interface DeviceMistake {
  /** Where in the device. */
  readonly path: readonly string[];
  readonly expected: string;
  readonly came: string;
}

/** What of a device can be right in shape and still be wrong: its zone, its profile, and the properties, channels and units of its fields. */
export function checkDevice(device: Device, { catalogue, profiles }: DeviceKnowledge): readonly DeviceMistake[] {
  const { timeZone, profile, fields = {} } = device;
  const mistakes: DeviceMistake[] = [];
  if (timeZone !== undefined && !isTimeZone(timeZone))
    mistakes.push({ path: ["timeZone"], expected: expectedTimeZone, came: timeZone });
  if (profile !== undefined && profiles?.has(profile) === false)
    mistakes.push({ path: ["profile"], expected: "the name of a device profile", came: profile });
  for (const [word, { property, channel, unit }] of Object.entries(fields)) {
    const observed = catalogue.get(property);
    const wrong = (member: string, expected: string, came: string): void =>
      void mistakes.push({ path: ["fields", word, member], expected, came });
    if (observed === undefined) wrong("property", "an observed property of the catalogue", property);
    if (channel !== undefined && !isChannel(channel)) wrong("channel", "a channel of A-Z a-z 0-9 _ -", channel);
    const expectedUnit = unit === undefined ? undefined : unitMistake(unit, observed?.unit);
    if (unit !== undefined && expectedUnit !== undefined) wrong("unit", expectedUnit, unit);
  }
  return mistakes;
}

export const expectedTimeZone = "an IANA zone such as Europe/Berlin";

/** What was expected in place of the unit; undefined where it fits. */
function unitMistake(unit: string, canonical: string | undefined): string | undefined {
  if (parseUnit(unit) === undefined) return `a UCUM unit such as ${canonical ?? "m"}`;
  if (canonical === undefined || conversion(unit, canonical) !== undefined) return undefined;
  return `a unit that becomes ${canonical}`;
}
