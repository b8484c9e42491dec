import { z } from "zod";
import { domainSchema } from "./domain.ts";
import { type Device, operatorSchema, type Thing } from "./thing.ts";

/** A credential with an adoption rule creates the things of a format by itself, for example a fleet of buses. */
export const adoptionRuleSchema = z.strictObject({
  /** Name of the payload format that the rule holds for; `*` for each. */
  format: z.string(),
  domain: domainSchema,
  tags: z.array(z.string()).optional(),
});
export type AdoptionRule = z.infer<typeof adoptionRuleSchema>;

/** What the road needs to know of a credential. */
export const sourceSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/),
  operator: operatorSchema,
  /** MQTT topic filters that it may publish to. */
  topics: z.array(z.string().min(1)).min(1),
  /** Device ids that it may speak for, `*` as a wild card at the end; absent: each device of its operator. */
  devices: z.array(z.string().min(1)).optional(),
  adopt: z.array(adoptionRuleSchema).default([]),
  /** Name of the payload format, where topic and content do not tell it. */
  format: z.string().optional(),
  /** IANA zone of its devices' clocks, where a device has none of its own. */
  timeZone: z.string().optional(),
});
export type Source = z.infer<typeof sourceSchema>;

export interface DeviceAndThing {
  readonly device: Device;
  readonly thing: Thing;
}

/** The registry as the road sees it: answers at once, from memory. */
export interface Directory {
  /** Another number after every change: what was concluded from the directory before holds no more. */
  readonly version: number;
  source(id: string): Source | undefined;
  device(id: string): DeviceAndThing | undefined;
  thing(id: string): Thing | undefined;
}
