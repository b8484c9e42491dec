import type { Domain, Thing } from "@messnetz/model";
import type { Dice } from "./dice.ts";
import type { SimulatedDevice } from "./simulated-device.ts";
import { districts, type District, type Spot, streetNames, toPoint } from "./town-plan.ts";
import type { Weather } from "./weather.ts";

/** What a fleet is built from. */
export interface FleetPlan {
  readonly dice: Dice;
  readonly weather: Weather;
  /** How many there are of what a town of 40,000 people has `atFullSize` of; at least one. */
  count(atFullSize: number): number;
}

/** The devices of one domain. */
export type Fleet = (plan: FleetPlan) => readonly SimulatedDevice[];

export interface ThingAt extends Spot {
  readonly id: string;
  readonly name: string;
  readonly domain: Domain;
  readonly operator: string;
  readonly tags?: readonly string[];
}

/** Takes what a thing has; an address may be given whole. */
export function thingAt({ id, name, domain, operator, tags, east, north }: ThingAt): Thing {
  const location = toPoint({ east, north });
  return { id, name, domain, operator, location, ...(tags !== undefined && { tags: [...tags] }) };
}

/** MAC address of a locally administered device (IEEE 802, second bit of the first octet), told apart by kind and number. */
export function macUrn(kind: number, number: number): string {
  return `urn:dev:mac:0200${hex(kind, 2)}${hex(number, 6)}`;
}

/** EUI-64 of the block `fe00…`, which is nobody's. */
export function eui64(kind: number, number: number): string {
  return `fe00${hex(kind, 4)}${hex(number, 8)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

export interface Address extends Spot {
  readonly district: District;
  readonly street: string;
}

/** An address of the town: districts are drawn by turns, the spot within by chance. */
export function addressOf(dice: Dice, key: string, number: number): Address {
  const district = districts[number % districts.length]!;
  const angle = dice.roll(`${key}-angle`, number) * 2 * Math.PI;
  const distance = Math.sqrt(dice.roll(`${key}-distance`, number)) * district.radius;
  const street = streetNames[Math.floor(dice.roll(`${key}-street`, number) * streetNames.length)]!;
  const house = 1 + Math.floor(dice.roll(`${key}-house`, number) * 120);
  return {
    east: district.east + Math.cos(angle) * distance,
    north: district.north + Math.sin(angle) * distance,
    district,
    street: `${street} ${house}`,
  };
}
