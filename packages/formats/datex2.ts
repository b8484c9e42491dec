import { type Reading, type ReadingTime, type Refusal, refusal } from "@messnetz/model";
import { parkingElements, readParking } from "./datex2-parking.ts";
import { datex2Values, trafficStatusWords } from "./datex2-values.ts";
import { channelOf, deviceIdOf } from "./device-word.ts";
import type { Decoded, Message, PayloadFormat } from "./format.ts";
import { inflated, isCompressed } from "./inflate.ts";
import { instantOf } from "./instant.ts";
import { childOf, readXml, type XmlElement } from "./xml.ts";

/**
 * Measured data of DATEX II, versions 2 and 3, as XML (or gzip of it on a topic that says `datex`), and how full car parks are. The device is
 * the car park or the measurement site; a
 * value's index is its channel and stands in its name (`vehicleFlow.3`), and what the index means (lane, class of vehicle) is said by the
 * publisher's site table, for the registry to repeat: `fields` of the device may give the name a channel like `lane-1-car`.
 */
export const datex2: PayloadFormat = {
  name: "datex2",
  revision: 2,
  topics: ["#"],
  specification: "https://docs.datex2.eu/",
  recognises,
  decode,
};

const openBracket = 0x3c;
/** After a byte order mark, white space and the prologue, the kind of publication stands in the first elements. */
const beginLength = 4_096;

function recognises(message: Message): boolean {
  const { payload } = message;
  if (isCompressed(payload)) return /datex/iu.test(message.topic);
  const first = payload[0];
  if (first !== openBracket && first !== 0xef && first !== 0x20 && first !== 0x0a && first !== 0x0d) return false;
  const begin = (message.text() ?? "").slice(0, beginLength);
  return /\bd2LogicalModel\b|datex2\.eu\/schema|\bMeasuredDataPublication\b|\bparkingRecordStatus\b/iu.test(begin);
}

function decode(message: Message): Decoded | Refusal {
  const plain = inflated(message);
  if ("code" in plain) return plain;
  const root = readXml(plain);
  if ("code" in root) return root;
  const sites: XmlElement[] = [];
  const times: XmlElement[] = [];
  const carParks: XmlElement[] = [];
  const parking = Object.fromEntries(parkingElements.map((name) => [name, carParks]));
  collect(root, { siteMeasurements: sites, publicationTime: times, ...parking });
  if (sites.length + carParks.length === 0) return otherPublication(root);
  const found: Found = { readings: [], refusals: [] };
  for (const site of sites) readSite(site, times[0], found);
  for (const carPark of carParks) readParking(carPark, (own) => timeOf(own ?? times[0]), found);
  return found.readings.length + found.refusals.length === 0 ? { skip: "no site has a value" } : found;
}

/** Other publications are valid and measure nothing: site tables, situations, signs. */
function otherPublication(root: XmlElement): Decoded | Refusal {
  const isDatex = /d2LogicalModel|messageContainer|payload|publication/iu.test(root.name);
  return isDatex
    ? { skip: "a publication of DATEX II without measured data" }
    : refusal("malformed", "a MeasuredDataPublication of DATEX II", root.name);
}

/** Finds elements by name; does not look into those that it found. Depth is bounded by the reader. */
function collect(element: XmlElement, found: Readonly<Record<string, XmlElement[]>>): void {
  const list = Object.hasOwn(found, element.name) ? found[element.name] : undefined;
  if (list !== undefined) list.push(element);
  else for (const child of element.children) collect(child, found);
}

interface Found {
  readonly readings: Reading[];
  readonly refusals: Refusal[];
}

function readSite(site: XmlElement, published: XmlElement | undefined, found: Found): void {
  const id = childOf(site, "measurementSiteReference")?.attributes.get("id");
  if (id === undefined || id.trim() === "") {
    found.refusals.push(refusal("malformed", "`measurementSiteReference` with an `id`", site.name));
    return;
  }
  const device = deviceIdOf("datex2", id.trim());
  const time = timeOf(childOf(site, "measurementTimeDefault") ?? published);
  for (const value of site.children) {
    if (value.name !== "measuredValue" && value.name !== "physicalQuantity") continue;
    const index = value.attributes.get("index");
    const data: XmlElement[] = [];
    collect(value, { basicData: data });
    for (const basic of data) readBasicData(basic, { device, index, time, ...found });
  }
}

interface Place extends Found {
  readonly device: string;
  readonly index: string | undefined;
  readonly time: ReadingTime | "none" | undefined;
}

function readBasicData(basic: XmlElement, place: Place): void {
  const { device, index, readings, refusals } = place;
  const own = childOf(basic, "measurementOrCalculationTime");
  const time = own === undefined ? place.time : timeOf(own);
  if (time === undefined) {
    refusals.push({ ...refusal("invalid_time", "a time as xs:dateTime", own?.text ?? "default"), device });
    return;
  }
  const of = time === "none" ? { device } : { device, time };
  let isKnown = false;
  for (const child of basic.children) walk(child, undefined);
  if (!isKnown) {
    const what = basic.attributes.get("type") ?? basic.children.map(({ name }) => name).join();
    refusals.push({
      ...refusal("unknown_property", "a kind of measured data that is known", what),
      reading: what,
      device,
    });
  }

  function walk(element: XmlElement, percentile: string | undefined): void {
    if (element.name === "pertinentLocation") return;
    if (childOf(element, "dataError")?.text === "true") {
      isKnown = true; // The publisher says that the value is none.
      return;
    }
    const share = childOf(childOf(element, "vehiclePercentage"), "percentage")?.text;
    for (const leaf of element.children) {
      if (leaf.children.length > 0) walk(leaf, share);
      else readLeaf(element.name, leaf, percentile);
    }
  }

  function readLeaf(around: string, leaf: XmlElement, percentile: string | undefined): void {
    if (around === "trafficStatus" && leaf.name === "trafficStatusValue") {
      const value = trafficStatusWords.get(leaf.text);
      isKnown = true;
      if (value !== undefined) push({ name: around, property: "traffic_state", value }, undefined);
      else
        refusals.push({
          ...refusal("invalid_value", "a word of TrafficStatusEnum", leaf.text),
          reading: around,
          device,
        });
      return;
    }
    const isPercentile = around === "speedPercentile" && leaf.name === "speed" && percentile !== undefined;
    const known = isPercentile
      ? { property: "vehicle_speed", unit: "km/h", channel: `v${percentile}` }
      : datex2Values.get(`${around}/${leaf.name}`);
    if (known === undefined) return;
    isKnown = true;
    const value = numberOf(leaf.text);
    if (value === undefined) {
      refusals.push({ ...refusal("invalid_value", "a number", leaf.text), reading: around, device });
      return;
    }
    // Detectors that saw no vehicle write -1; only temperatures go below zero.
    if (value < 0 && known.unit !== "Cel") return;
    const { channel, ...what } = known;
    push({ name: around, ...what, value }, channel);
  }

  function push(reading: Pick<Reading, "name" | "value" | "property" | "unit">, suffix: string | undefined): void {
    const parts = [index === undefined ? undefined : `index-${index}`, suffix].filter((part) => part !== undefined);
    const channel = parts.length === 0 ? {} : { channel: channelOf(parts.join("-")) };
    const name = index === undefined ? reading.name : `${reading.name}.${index}`;
    readings.push({ ...of, ...reading, name, ...channel });
  }
}

const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/u;

/** xs:float and xs:integer, of which INF and NaN are no measurements. */
function numberOf(text: string): number | undefined {
  const value = decimal.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

const local = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?$/u;

/** Version 2 writes the time as the element's text, version 3 as its `timeValue`; xs:dateTime may have no zone. Undefined where it is none. */
function timeOf(element: XmlElement | undefined): ReadingTime | "none" | undefined {
  if (element === undefined) return "none";
  const text = childOf(element, "timeValue")?.text ?? element.text;
  const instant = instantOf(text);
  if (instant !== undefined) return { instant };
  return local.test(text) && instantOf(`${text}Z`) !== undefined ? { local: text } : undefined;
}
