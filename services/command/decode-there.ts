import { refusalCodes, toIso } from "@messnetz/model";
import { explainedOutcomes, type ExplanationView, type Question, stepKinds, unitSayers } from "@messnetz/pipeline";
import { z } from "zod";
import type { ApiClient } from "./api-client.ts";

const reading = z.object({
  device: z.string(),
  field: z.string(),
  property: z.string(),
  kind: z.enum(["gauge", "counter", "amount", "state"]),
  channel: z.string().optional(),
  value: z.union([z.number(), z.string()]),
  unit: z.string(),
  deviceValue: z.union([z.number(), z.string(), z.boolean()]),
  deviceUnit: z.string().optional(),
  unitFrom: z.enum(unitSayers),
  time: z.string(),
  timeFrom: z.enum(["message", "receipt"]),
  intervalStart: z.string().optional(),
  deviceTime: z.string().optional(),
  quality: z.enum(["good", "suspect", "bad"]),
  checks: z.array(z.enum(["range", "clock", "late", "rate", "stuck", "device"])),
  datastream: z.string().optional(),
  bytes: z
    .array(
      z.object({
        from: z.number(),
        to: z.number(),
        bits: z.object({ low: z.number(), high: z.number() }).optional(),
      }),
    )
    .optional(),
});
const explanation = z.object({
  outcome: z.enum(explainedOutcomes),
  format: z.string().optional(),
  profile: z.string().optional(),
  readings: z.array(reading),
  refusals: z.array(
    z.object({
      code: z.enum(refusalCodes),
      expected: z.string(),
      came: z.string(),
      reading: z.string().optional(),
      device: z.string().optional(),
    }),
  ),
  skip: z.string().optional(),
  devices: z.array(z.object({ id: z.string(), isKnown: z.boolean(), thing: z.string().optional(), fate: z.string() })),
  steps: z.array(z.object({ kind: z.enum(stepKinds), about: z.string(), text: z.string() })),
  leftOut: z.object({ readings: z.number(), steps: z.number() }),
});

/** Asks a running town, which knows its registry. */
export async function decodeThere(question: Question, api: ApiClient, wantsSteps: boolean): Promise<ExplanationView> {
  const { payload, receivedAt, ...rest } = question;
  const body = {
    ...rest,
    receivedAt: toIso(receivedAt),
    payloadBase64: Buffer.from(payload).toString("base64"),
    explain: wantsSteps,
  };
  return (await api.ask(explanation, { method: "POST", path: "/api/v1/decode", body })) as ExplanationView;
}
