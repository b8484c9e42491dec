import type { Point } from "@messnetz/model";
import type { Box } from "./request-fields.ts";

type Corner = readonly [longitude: number, latitude: number];

/** GeoJSON (RFC 7946, 3.1.6): the outer ring, then holes; each ring closed. It does not cross the antimeridian. */
export type Polygon = readonly (readonly Corner[])[];

export function isInBox({ coordinates: [longitude, latitude] }: Point, [west, south, east, north]: Box): boolean {
  if (latitude < south || latitude > north) return false;
  return west <= east ? longitude >= west && longitude <= east : longitude >= west || longitude <= east;
}

/** Whether a ray to the east crosses its rings an odd number of times: inside of the outer one, outside of the holes. */
export function isInPolygon({ coordinates: [longitude, latitude] }: Point, polygon: Polygon): boolean {
  let isInside = false;
  for (const ring of polygon) {
    for (let n = 1; n < ring.length; n++) {
      const [fromLongitude, fromLatitude] = ring[n - 1]!;
      const [toLongitude, toLatitude] = ring[n]!;
      if (fromLatitude > latitude === toLatitude > latitude) continue;
      const share = (latitude - fromLatitude) / (toLatitude - fromLatitude);
      if (longitude < fromLongitude + share * (toLongitude - fromLongitude)) isInside = !isInside;
    }
  }
  return isInside;
}
