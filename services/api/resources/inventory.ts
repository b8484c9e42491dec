import { type Device, deviceIdSchema, deviceSchema, thingIdSchema, thingSchema } from "@messnetz/model";
import { checkDevice, normaliseDeviceId, operatorRecordSchema, type Principal } from "@messnetz/registry";
import { z } from "zod";
import { assertMay, mayDo, seesEverything } from "../access.ts";
import type { Resource } from "../api-server.ts";
import { principalOf } from "../api-server.ts";
import { readCursor, textPlace, writeCursor } from "../page-cursor.ts";
import { notFound, Problem } from "../problem.ts";
import { cursorField, limitField, listOf, thingField } from "../request-fields.ts";
import { describeRoute } from "../route-description.ts";
import { pageOf, thingView, viewThing } from "../views.ts";

const deviceView = deviceSchema.meta({ id: "Device" });
const defaultRows = 1000;

/** Changing what there is: things, devices, operators. Reading things is another resource. */
export const inventory: Resource = (server, { registry, catalogue, profiles, recorder, limits }) => {
  const querystring = z.strictObject({});
  const thingParams = z.strictObject({ id: thingIdSchema });
  const deviceParams = z.strictObject({ id: deviceIdSchema });
  const admin = { resource: "admin", access: "admin" } as const;

  const putThing = describeRoute({
    ...admin,
    summary: "Add or change a thing",
    description: "Whole, as it is to be. The id stands in the path.",
    ok: thingView,
    problems: ["conflict"],
  });
  const thingBody = thingSchema.omit({ id: true });
  server.put(
    "/api/v1/things/:id",
    { ...putThing, schema: { ...putThing.schema, querystring, params: thingParams, body: thingBody } },
    async (request) => {
      const principal = principalOf(request);
      const thing = { ...request.body, id: request.params.id };
      assertMay(principal, { kind: "administer-thing", thing });
      const former = registry.tombstone(thing.id);
      const existing = registry.thing(thing.id) ?? former;
      if (existing !== undefined && !mayDo(principal, { kind: "administer-thing", thing: existing })) throw taken();
      if (former !== undefined && former.operator !== thing.operator)
        throw new Problem(
          "conflict",
          `expected operator ${former.operator}, whose thing of this id was removed; came ${thing.operator}. To give it what was ` +
            "measured there, put the thing for the former operator first, then change its operator",
        );
      await recorder.change({ principal, action: "thing.put", subject: thing.id }, () => registry.putThing(thing));
      return viewThing(thing);
    },
  );

  const removeThing = describeRoute({
    ...admin,
    summary: "Remove a thing with its devices",
    description:
      "Its observations stay, for tokens that see everything. Its id stays its operator's: with it, they would be another's.",
    problems: ["not-found"],
  });
  server.delete(
    "/api/v1/things/:id",
    { ...removeThing, schema: { ...removeThing.schema, querystring, params: thingParams } },
    async (request, reply) => {
      const principal = principalOf(request);
      const { id } = administeredThing(principal, request.params.id);
      await recorder.change({ principal, action: "thing.remove", subject: id }, () => registry.removeThing(id));
      return reply.code(204).send();
    },
  );

  const devices = describeRoute({
    ...admin,
    summary: "Devices, by id",
    description: "With the thing that each belongs to, and what its words mean where neither message nor profile tell.",
    ok: pageOf(deviceView),
    problems: ["not-found"],
  });
  const deviceQuery = z.strictObject({
    thing: listOf(thingField, limits.named).optional(),
    limit: limitField(limits.pageRows, defaultRows),
    cursor: cursorField.optional(),
  });
  server.get(
    "/api/v1/devices",
    { ...devices, schema: { ...devices.schema, querystring: deviceQuery } },
    async (request) => {
      const principal = principalOf(request);
      const { thing, limit, cursor } = request.query;
      for (const id of thing ?? []) if (registry.visibleThing(principal, id) === undefined) throw notFound("a thing");
      const after = cursor === undefined ? "" : readCursor(textPlace, cursor)[0];
      const found = registry
        .devices(thing === undefined ? {} : { things: thing })
        .filter((device) => device.id > after && registry.visibleThing(principal, device.thing) !== undefined);
      const items = found.slice(0, limit);
      const last = found.length > limit ? items.at(-1) : undefined;
      return { items, ...(last && { next: writeCursor([last.id]) }) };
    },
  );

  const putDevice = describeRoute({
    ...admin,
    summary: "Add or change a device",
    description: "Whole, as it is to be. The id stands in the path: `lorawan:24e124136b502217`.",
    ok: deviceView,
    problems: ["not-found", "conflict"],
  });
  const deviceBody = deviceSchema.omit({ id: true });
  server.put(
    "/api/v1/devices/:id",
    { ...putDevice, schema: { ...putDevice.schema, querystring, params: deviceParams, body: deviceBody } },
    async (request) => {
      const principal = principalOf(request);
      const device = { ...request.body, id: normaliseDeviceId(request.params.id) };
      administeredThing(principal, device.thing);
      const existing = registry.device(device.id)?.thing;
      if (existing !== undefined && !mayDo(principal, { kind: "administer-thing", thing: existing })) throw taken();
      assertSound(device);
      await recorder.change({ principal, action: "device.put", subject: device.id }, () => registry.putDevice(device));
      return device;
    },
  );

  const removeDevice = describeRoute({
    ...admin,
    summary: "Remove a device",
    description: "What it sends from then on is of an unknown device.",
    problems: ["not-found"],
  });
  server.delete(
    "/api/v1/devices/:id",
    { ...removeDevice, schema: { ...removeDevice.schema, querystring, params: deviceParams } },
    async (request, reply) => {
      const principal = principalOf(request);
      const id = normaliseDeviceId(request.params.id);
      const thing = registry.device(id)?.thing;
      if (thing === undefined || !mayDo(principal, { kind: "administer-thing", thing })) throw notFound("a device");
      await recorder.change({ principal, action: "device.remove", subject: id }, () => registry.removeDevice(id));
      return reply.code(204).send();
    },
  );

  const operators = describeRoute({
    ...admin,
    summary: "Operators: organisations that own things",
    description: "A token of one operator sees this one.",
    ok: z.object({ items: z.array(operatorRecordSchema) }),
  });
  server.get("/api/v1/operators", { ...operators, schema: { ...operators.schema, querystring } }, async (request) => ({
    items: registry.operators().filter(({ id }) => mayDo(principalOf(request), { kind: "see-source", operator: id })),
  }));

  const putOperator = describeRoute({
    ...admin,
    summary: "Add or change an operator",
    description: "With a token that sees everything.",
    ok: operatorRecordSchema,
  });
  const operatorParams = operatorRecordSchema.pick({ id: true });
  const operatorBody = operatorRecordSchema.omit({ id: true });
  server.put(
    "/api/v1/operators/:id",
    { ...putOperator, schema: { ...putOperator.schema, querystring, params: operatorParams, body: operatorBody } },
    async (request) => {
      const principal = principalOf(request);
      if (!seesEverything(principal))
        throw new Problem("forbidden", "expected an admin token of all operators and domains");
      const operator = { ...request.body, id: request.params.id };
      await recorder.change({ principal, action: "operator.put", subject: operator.id }, () =>
        registry.putOperator(operator),
      );
      return operator;
    },
  );

  function assertSound(device: Device): void {
    const mistakes = checkDevice(device, { catalogue, profiles });
    if (mistakes.length === 0) return;
    const named = mistakes.map(({ path, expected, came }) => ({
      in: "body" as const,
      name: path.join("."),
      expected,
      came,
    }));
    const list = named.map(({ name, expected, came }) => `${name}: expected ${expected}; came ${came}`);
    throw new Problem("invalid-request", list.join(". "), { mistakes: named });
  }

  function administeredThing(principal: Principal, id: string) {
    const thing = registry.thing(id);
    if (thing === undefined || !mayDo(principal, { kind: "administer-thing", thing })) throw notFound("a thing");
    return thing;
  }
};

function taken(): Problem {
  return new Problem("conflict", "expected an id that is free, or of something that the token may administer");
}
