import { type Observation, parseDatastreamId } from "@messnetz/model";
import { compareText } from "./order.ts";
import type { ObservationKey, ObservationQuery } from "./port.ts";

/** Whether a query names the datastream. */
export function selectsDatastream({ datastreams, things, properties }: ObservationQuery, id: string): boolean {
  const { thing = "", property = "" } = parseDatastreamId(id) ?? {};
  return (
    (datastreams === undefined || datastreams.includes(id)) &&
    (things === undefined || things.includes(thing)) &&
    (properties === undefined || properties.includes(property))
  );
}

/** The order of reading: by datastream, phenomenon time, ordinal. */
export function compareKeys(a: ObservationKey, b: ObservationKey): number {
  return compareText(a.datastream, b.datastream) || a.phenomenonTime - b.phenomenonTime || a.ordinal - b.ordinal;
}

/** Whether a query that names its datastream wants the observation; the limit left aside. */
export function selects({ interval, after }: ObservationQuery, observation: Observation): boolean {
  const time = observation.phenomenonTime;
  if (interval !== undefined && (time < interval.from || time >= interval.to)) return false;
  return after === undefined || compareKeys(observation, after) > 0;
}
