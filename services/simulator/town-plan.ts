import type { Point } from "@messnetz/model";

/** Market square of Beispielstadt, a town that does not exist, in the hills of southern Lower Saxony. */
const centre = { lat: 51.87, lon: 10.0215 };
const metresPerDegreeLat = 111_320;
const metresPerDegreeLon = metresPerDegreeLat * Math.cos((centre.lat * Math.PI) / 180);

/** Metres east and north of the market square. */
export interface Spot {
  readonly east: number;
  readonly north: number;
}

export const districts = [
  { key: "altstadt", name: "Altstadt", east: 0, north: 0, radius: 450 },
  { key: "nordstadt", name: "Nordstadt", east: 150, north: 1250, radius: 700 },
  { key: "ostend", name: "Ostend", east: 1300, north: 350, radius: 700 },
  { key: "suedstadt", name: "Südstadt", east: 250, north: -1250, radius: 650 },
  { key: "weststadt", name: "Weststadt", east: -1350, north: 150, radius: 700 },
  { key: "galgenberg", name: "Galgenberg", east: 1250, north: 1400, radius: 500 },
  { key: "bahnhof", name: "Bahnhofsviertel", east: -600, north: -750, radius: 400 },
  { key: "aue", name: "Auensiedlung", east: 900, north: -900, radius: 450 },
  { key: "hafen", name: "Gewerbegebiet Hafen", east: -1500, north: -1400, radius: 600 },
] as const;
export type District = (typeof districts)[number];

/** Streets that lead out of the ring, by direction in degrees clockwise from north. */
export const arterials = [
  { name: "Hannoversche Straße", degrees: 350 },
  { name: "Braunschweiger Straße", degrees: 35 },
  { name: "Harzer Straße", degrees: 95 },
  { name: "Göttinger Straße", degrees: 165 },
  { name: "Kasseler Straße", degrees: 215 },
  { name: "Hamelner Straße", degrees: 280 },
] as const;

export const streetNames = (
  "Marktstraße,Lange Gasse,Mühlenweg,Kirchweg,Schulstraße,Lindenallee,Gartenstraße,Bahnhofstraße,Bergstraße,Am Wall,Feldweg,Rosenweg," +
  "Schillerstraße,Goethestraße,Birkenweg,Wiesenstraße,Ahornweg,Brunnenstraße,Neue Straße,Ringstraße,Talstraße,Hafenstraße,Wassergasse,Steinweg"
).split(",");

/** Radius of the ring road. */
export const ringRadius = 800;

/** The river, from its entry in the south-west to its exit in the east. */
export const river: readonly Spot[] = [
  { east: -2600, north: -1900 },
  { east: -1400, north: -900 },
  { east: -500, north: -260 },
  { east: 180, north: -30 },
  { east: 900, north: -420 },
  { east: 2400, north: -1500 },
];

export function toPoint({ east, north }: Spot): Point {
  const lon = centre.lon + east / metresPerDegreeLon;
  const lat = centre.lat + north / metresPerDegreeLat;
  return { type: "Point", coordinates: [roundDegrees(lon), roundDegrees(lat)] };
}

/** Six digits are a tenth of a metre. */
export function roundDegrees(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}

export function inDirection(degrees: number, metres: number): Spot {
  const angle = (degrees * Math.PI) / 180;
  return { east: Math.sin(angle) * metres, north: Math.cos(angle) * metres };
}

/** `share` of the way, 0 to 1, along straight pieces; and the direction there, in degrees clockwise from north. */
export function along(line: readonly Spot[], share: number): Spot & { readonly heading: number } {
  const lengths = line.slice(1).map((to, n) => Math.hypot(to.east - line[n]!.east, to.north - line[n]!.north));
  let left = Math.min(1, Math.max(0, share)) * lengths.reduce((sum, length) => sum + length, 0);
  let piece = 0;
  while (piece < lengths.length - 1 && left > lengths[piece]!) left -= lengths[piece++]!;
  const from = line[piece]!;
  const to = line[piece + 1]!;
  const part = lengths[piece] === 0 ? 0 : left / lengths[piece]!;
  const heading = (Math.atan2(to.east - from.east, to.north - from.north) * 180) / Math.PI;
  return {
    east: from.east + (to.east - from.east) * part,
    north: from.north + (to.north - from.north) * part,
    heading: (heading + 360) % 360,
  };
}
