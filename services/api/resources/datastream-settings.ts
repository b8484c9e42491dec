import {
  areAscending,
  ascendingExchanges,
  type DatastreamSettings,
  datastreamSettingsSchema,
  exchangeSchema,
  instantSchema,
  parseDatastreamId,
  thingIdSchema,
  toIso,
} from "@messnetz/model";
import type { Principal } from "@messnetz/registry";
import { z } from "zod";
import { mayDo } from "../access.ts";
import type { Resource } from "../api-server.ts";
import { principalOf } from "../api-server.ts";
import { notFound, Problem } from "../problem.ts";
import { describeRoute } from "../route-description.ts";

const { public: isOpen, rhythmMs, mean, register } = datastreamSettingsSchema.shape;
const members = {
  public: isOpen.describe("Whoever comes without a token may read it. Absent: nobody may."),
  rhythmMs: rhythmMs.describe("Milliseconds from one observation to the next. Absent: learned."),
  mean: mean.describe("What weighs in a mean: the time that each value was held, or each observation alike."),
  register: register.describe(
    "Of a counter, in the canonical unit: `modulus`, the reading at which it begins anew; `resolution`, its smallest step; `maxPerHour`, " +
      "more than which is a leap.",
  ),
};
const settingsView = z
  .object({
    id: z.string(),
    ...members,
    exchanges: z
      .array(exchangeSchema.extend({ at: z.string().describe("ISO 8601, UTC.") }))
      .optional()
      .describe("When another meter was put in: what the old one showed at its end, and the new one at its start."),
  })
  .meta({
    id: "DatastreamSettings",
    examples: [
      {
        id: "meter-1/active_energy",
        public: true,
        rhythmMs: 900_000,
        register: { modulus: 100_000, resolution: 0.1 },
        exchanges: [{ at: "2026-03-01T09:00:00.000Z", end: 812.5, start: 0 }],
      },
    ],
  });
const body = z.strictObject({
  ...members,
  exchanges: z
    .array(exchangeSchema.extend({ at: instantSchema }))
    .max(1000)
    .refine(areAscending, ascendingExchanges)
    .optional(),
});

/** What an operator says of a datastream, and whether it is public. */
export const datastreamSettings: Resource = (server, { registry, catalogue, recorder }) => {
  const path = "/api/v1/datastreams/:thing/:property/settings";
  const querystring = z.strictObject({});
  const params = z.strictObject({
    thing: z.string(),
    property: z.string().describe("With its channel: `active_power.L1`."),
  });
  const admin = { resource: "admin", access: "admin", problems: ["not-found"] } as const;

  const get = describeRoute({
    ...admin,
    summary: "What was set of a datastream",
    description: "Its id stands in the path: `meter-1/active_energy`. Nothing set: its id alone.",
    ok: settingsView,
  });
  server.get(path, { ...get, schema: { ...get.schema, querystring, params } }, async (request) => {
    const id = administered(principalOf(request), request.params);
    return viewSettings(registry.datastream(id) ?? { id });
  });

  const put = describeRoute({
    ...admin,
    summary: "Set what is known of a datastream, and whether it is public",
    description:
      "Whole, as it is to be. `public: true` lets everybody read its observations without a token, and name, operator and place of its thing.",
    ok: settingsView,
  });
  server.put(path, { ...put, schema: { ...put.schema, querystring, params, body } }, async (request) => {
    const principal = principalOf(request);
    const id = administered(principal, request.params);
    const { property } = parseDatastreamId(id)!;
    if (!catalogue.has(property)) {
      const mistake = {
        in: "path",
        name: "property",
        expected: "an observed property of the catalogue",
        came: property,
      } as const;
      throw new Problem("invalid-request", `property: expected ${mistake.expected}; came ${property}`, {
        mistakes: [mistake],
      });
    }
    const datastream = definedOf({ id, ...request.body });
    await recorder.change({ principal, action: "datastream.put", subject: subjectOf(datastream) }, () =>
      registry.apply([{ kind: "put-datastream", datastream }]),
    );
    return viewSettings(datastream);
  });

  const remove = describeRoute({
    ...admin,
    summary: "Forget what was set of a datastream",
    description: "It is public no longer. Its observations stay.",
  });
  server.delete(path, { ...remove, schema: { ...remove.schema, querystring, params } }, async (request, reply) => {
    const principal = principalOf(request);
    const id = administered(principal, request.params);
    await recorder.change({ principal, action: "datastream.remove", subject: id }, () =>
      registry.apply([{ kind: "remove-datastream", id }]),
    );
    return reply.code(204).send();
  });

  /** The id, where it is one of a thing that the principal administers. */
  function administered(principal: Principal, place: { readonly thing: string; readonly property: string }): string {
    const id = datastreamSettingsSchema.shape.id.safeParse(`${place.thing}/${place.property}`);
    const thing = thingIdSchema.safeParse(place.thing).success ? registry.thing(place.thing) : undefined;
    if (!id.success || thing === undefined || !mayDo(principal, { kind: "administer-thing", thing }))
      throw notFound("a datastream of a thing");
    return id.data;
  }
};

/** `meter-1/active_energy public`: that something was opened to everybody must be seen in the audit log at a glance. */
function subjectOf({ id, public: isPublic }: DatastreamSettings): string {
  return isPublic === true ? `${id} public` : id;
}

function definedOf(settings: DatastreamSettings): DatastreamSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as DatastreamSettings;
}

function viewSettings({ exchanges, ...rest }: DatastreamSettings) {
  return { ...rest, ...(exchanges && { exchanges: exchanges.map((one) => ({ ...one, at: toIso(one.at) })) }) };
}
