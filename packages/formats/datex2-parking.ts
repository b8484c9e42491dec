import { type Reading, type ReadingTime, type Refusal, refusal } from "@messnetz/model";
import { deviceIdOf } from "./device-word.ts";
import { childOf, type XmlElement } from "./xml.ts";

interface ParkingKind {
  /** Of the element that names the car park by its `id`. */
  readonly reference: string;
  readonly time: string;
  /** Where the numbers stand, if not in the element itself. */
  readonly within?: string;
  readonly free: string;
  readonly occupied?: string;
}

/**
 * How full car parks are, by the element that tells it of one: of version 2, of its extension for parking, and of version 3. The share that
 * is occupied is left out: publishers write it as a fraction and as a percentage, and the numbers say it as well.
 */
const kinds: Readonly<Record<string, ParkingKind>> = {
  parkingFacilityStatus: {
    reference: "parkingFacilityReference",
    time: "parkingFacilityStatusTime",
    free: "totalNumberOfVacantParkingSpaces",
    occupied: "totalNumberOfOccupiedParkingSpaces",
  },
  parkingAreaStatus: {
    reference: "parkingAreaReference",
    time: "parkingAreaStatusTime",
    free: "parkingAreaTotalNumberOfVacantParkingSpaces",
  },
  parkingRecordStatus: {
    reference: "parkingRecordReference",
    time: "parkingStatusOriginTime",
    within: "parkingOccupancy",
    free: "parkingNumberOfVacantSpaces",
    occupied: "parkingNumberOfOccupiedSpaces",
  },
};

/** Names of the elements that tell of one car park. */
export const parkingElements: readonly string[] = Object.keys(kinds);

interface Found {
  readonly readings: Reading[];
  readonly refusals: Refusal[];
}

/** Free and occupied spaces of one car park, at its own time or else the publication's. */
export function readParking(
  status: XmlElement,
  timeOf: (own: XmlElement | undefined) => ReadingTime | "none" | undefined,
  { readings, refusals }: Found,
): void {
  const kind = kinds[status.name];
  if (kind === undefined) return;
  const id = childOf(status, kind.reference)?.attributes.get("id")?.trim();
  if (id === undefined || id === "") {
    refusals.push(refusal("malformed", `\`${kind.reference}\` with an \`id\``, status.name));
    return;
  }
  const device = deviceIdOf("datex2", id);
  const time = timeOf(childOf(status, kind.time));
  if (time === undefined) {
    refusals.push({
      ...refusal("invalid_time", `\`${kind.time}\` as xs:dateTime`, childOf(status, kind.time)?.text),
      device,
    });
    return;
  }
  const place = kind.within === undefined ? status : childOf(status, kind.within);
  for (const [name, property] of [
    [kind.free, "free_spaces"],
    [kind.occupied, "occupied_spaces"],
  ] as const) {
    const text = name === undefined ? undefined : childOf(place, name)?.text;
    if (name === undefined || text === undefined || text === "") continue;
    if (!/^[+-]?\d{1,7}$/u.test(text)) {
      refusals.push({ ...refusal("invalid_value", "a whole number of spaces", text), reading: name, device });
    } else if (Number(text) >= 0) {
      // Below zero the publisher does not know it.
      readings.push({ device, ...(time !== "none" && { time }), name, property, value: Number(text), unit: "{space}" });
    }
  }
}
