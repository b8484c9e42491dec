import { Buffer } from "node:buffer";
import { bareFormatNames } from "@messnetz/formats";
import { checks, instantSchema, kinds, qualities, refusalCodes } from "@messnetz/model";
import {
  explain,
  explainedOutcomes,
  type ExplainOptions,
  stepKinds,
  timeSayers,
  unitSayers,
  viewExplanation,
} from "@messnetz/pipeline";
import { normaliseDeviceId, type Principal } from "@messnetz/registry";
import { z } from "zod";
import { mayDo } from "../access.ts";
import { type ApiContext, payerOf, principalOf, type Resource } from "../api-server.ts";
import { type Mistake, notFound, Problem } from "../problem.ts";
import { timeZoneField } from "../request-fields.ts";
import { describeRoute } from "../route-description.ts";

const instant = z.string().describe("ISO 8601, UTC.");
const readingView = z.object({
  device: z.string().describe("External id."),
  field: z.string().describe("The device's own word."),
  property: z.string(),
  kind: z.enum(kinds),
  channel: z.string().optional(),
  value: z.union([z.number(), z.string()]).describe("In `unit`."),
  unit: z.string().describe("The canonical one, a UCUM code."),
  deviceValue: z.union([z.number(), z.string(), z.boolean()]).describe("As the format or profile read it."),
  deviceUnit: z.string().optional(),
  unitFrom: z
    .enum(unitSayers)
    .describe("Who says which unit the device sends. `format`: the message, or the specification of its format."),
  time: instant,
  timeFrom: z.enum(timeSayers).describe("`receipt`: the message gives none that can be believed or placed."),
  intervalStart: instant.optional(),
  deviceTime: instant.optional().describe("What an impossible clock said."),
  quality: z.enum(qualities),
  checks: z.array(z.enum(checks)),
  datastream: z
    .string()
    .optional()
    .describe("Where it would be kept; absent where the registry does not have the device."),
  bytes: z
    .array(
      z.object({
        from: z.int().describe("The first byte, from 0."),
        to: z.int().describe("The byte behind the last."),
        bits: z
          .object({ low: z.int(), high: z.int() })
          .optional()
          .describe("Of the word that they are, both included; 0 is the lowest. Absent: all."),
      }),
    )
    .optional()
    .describe("With `explain`: the bytes of the frame that the number hangs on."),
});
const explanationView = z
  .object({
    outcome: z.enum(explainedOutcomes),
    format: z.string().optional(),
    profile: z.string().optional(),
    readings: z.array(readingView),
    refusals: z.array(
      z.object({
        code: z.enum(refusalCodes),
        expected: z.string().describe("What was expected, and what to do about it."),
        came: z.string(),
        reading: z.string().optional(),
        device: z.string().optional(),
      }),
    ),
    skip: z.string().optional().describe("Why the message measures nothing."),
    devices: z.array(
      z.object({
        id: z.string(),
        isKnown: z.boolean().describe("To the registry, of what the token may see."),
        thing: z.string().optional(),
        fate: z.string().describe("What would become of its readings."),
      }),
    ),
    steps: z
      .array(z.object({ kind: z.enum(stepKinds), about: z.string(), text: z.string() }))
      .describe("With `explain`; else empty."),
    leftOut: z
      .object({ readings: z.int(), steps: z.int() })
      .describe("How many were left out, because there are too many."),
  })
  .meta({ id: "Explanation" });

const word = z.string().min(1).max(200);
const body = z.strictObject({
  payload: z
    .union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())])
    .optional()
    .describe("Text as it came; an object or a list is written as JSON again. This, `payloadBase64` or `payloadHex`."),
  payloadBase64: z.base64().optional(),
  payloadHex: z
    .string()
    .regex(/^(?:[0-9a-fA-F]{2})*$/, "expected pairs of hexadecimal digits")
    .optional(),
  topic: z.string().max(65_535).default("").describe("On which it came; many formats are told by it."),
  format: word
    .optional()
    .describe("Where topic and content do not tell it; `decoded-object` and `lorawan-frame` have no envelope."),
  profile: word
    .optional()
    .describe("Device profile (`<maker>/<model>`), as the device's registry entry would name it."),
  device: word.optional().describe("The device of a bare frame or decoded object."),
  port: z.int().min(0).max(255).optional().describe("LoRaWAN port of a bare frame or decoded object."),
  receivedAt: instantSchema.optional().describe("ISO 8601 with a zone. Default: now."),
  timeZone: timeZoneField.optional().describe("Of the device's clock, where the registry gives none."),
  source: word.optional().describe("A credential, whose format, time zone, devices and adoption rules count."),
  explain: z.boolean().default(false).describe("Tells each step."),
});
type Body = z.output<typeof body>;

/** Bounds of one answer. */
const most = { readings: 1000, steps: 2000 };
/** A byte of a payload is charged like so many observations read. */
const costPerByte = 20;

/** What would become of a message. Nothing is stored, adopted or remembered. */
export const decode: Resource = (server, { registry, catalogue, profiles, decoding, rates, clock }) => {
  if (decoding === undefined) return;
  const route = describeRoute({
    resource: "quarantine",
    access: "quarantine",
    summary: "What would become of a message",
    description:
      "The readings with property, unit and time, or why it is refused, what was expected and what cures it. It goes the road of every " +
      "message, but nothing is stored, adopted or remembered, and the marks `rate` and `stuck`, which need the past, are not given. Devices and " +
      "credentials that the token may not see count as not there. A device that is not registered is told, and its readings are shown.",
    ok: explanationView,
    problems: ["not-found", "too-large", "too-much", "unsupported-media-type"],
  });
  server.post(
    "/api/v1/decode",
    { ...route, schema: { ...route.schema, querystring: z.strictObject({}), body } },
    async (request) => {
      const asked = request.body;
      const payload = payloadOf(asked);
      rates.chargeCost(payerOf(request), payload.length * costPerByte);
      const directory = visibleTo(principalOf(request), registry);
      if (asked.source !== undefined && directory.source(asked.source) === undefined) throw notFound("a credential");
      assertNames(asked, { profiles, formats: decoding.formats });
      const { topic, format, profile, port, timeZone, source, receivedAt = clock() } = asked;
      const device = asked.device === undefined ? undefined : normaliseDeviceId(asked.device);
      const detail = asked.explain ? "steps" : "readings";
      const explanation = explain(
        { payload, topic, format, profile, device, port, timeZone, source, receivedAt },
        { ...decoding, catalogue, directory, most, detail },
      );
      return viewExplanation(explanation, detail);
    },
  );
};

function payloadOf({ payload, payloadBase64, payloadHex }: Body): Uint8Array {
  const given = [payload, payloadBase64, payloadHex].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw wrongBody({
      name: "payload",
      expected: "one of payload, payloadBase64 and payloadHex",
      came: `${given.length} of them`,
    });
  if (payloadBase64 !== undefined) return Buffer.from(payloadBase64, "base64");
  if (payloadHex !== undefined) return Buffer.from(payloadHex, "hex");
  return Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
}

/** What the token may not see is not there. */
function visibleTo(principal: Principal, registry: ApiContext["registry"]): ExplainOptions["directory"] {
  return {
    source(id) {
      const source = registry.source(id);
      const isSeen = source !== undefined && mayDo(principal, { kind: "see-source", operator: source.operator });
      return isSeen ? source : undefined;
    },
    device(id) {
      const found = registry.device(id);
      return found !== undefined && mayDo(principal, { kind: "see-thing", thing: found.thing }) ? found : undefined;
    },
  };
}

function assertNames(
  { format, profile }: Body,
  {
    profiles,
    formats,
  }: {
    readonly profiles: ReadonlySet<string> | undefined;
    readonly formats: ExplainOptions["formats"];
  },
): void {
  const names = [...formats.map(({ name }) => name), ...bareFormatNames];
  if (format !== undefined && !names.includes(format))
    throw wrongBody({ name: "format", expected: `one of ${names.toSorted().join(", ")}`, came: format });
  if (profile !== undefined && profiles?.has(profile) === false)
    throw wrongBody({ name: "profile", expected: "the name of a device profile, <maker>/<model>", came: profile });
}

function wrongBody(mistake: Omit<Mistake, "in">): Problem {
  const { name, expected, came } = mistake;
  return new Problem("invalid-request", `${name}: expected ${expected}, came ${came}`, {
    mistakes: [{ in: "body", ...mistake }],
  });
}
