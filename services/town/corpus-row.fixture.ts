import { z } from "zod";

const expectedSchema = z.object({
  quantity: z.string(),
  value: z.union([z.number(), z.string(), z.null()]),
  unit: z.string(),
  time: z.string().optional(),
  interval_start: z.string().optional(),
  interval_end: z.string().optional(),
  phase: z.string().optional(),
  quality: z.string().optional(),
  unit_from: z.string().optional(),
});

/** A row of the corpus: a payload of a real device and what it means. */
export const corpusRowSchema = z.object({
  id: z.string(),
  topic: z.string(),
  payload: z.unknown(),
  expect: z.array(expectedSchema),
  expect_status: z.enum(["skip", "reject", "unknown_device", "unknown_alias"]).optional(),
});
export type CorpusRow = z.infer<typeof corpusRowSchema>;
export type Expected = z.infer<typeof expectedSchema>;

/** The bytes that the device sent. */
export function payloadOf({ payload }: CorpusRow): Buffer {
  if (typeof payload === "object" && payload !== null) {
    if ("base64" in payload && typeof payload.base64 === "string") return Buffer.from(payload.base64, "base64");
    if ("text" in payload && typeof payload.text === "string") return Buffer.from(payload.text);
  }
  return Buffer.from(JSON.stringify(payload));
}

/** A topic that can be published to: placeholders of the corpus, `<channel>`, become words. */
export function topicOf({ topic }: CorpusRow): string {
  return topic.replaceAll(/<([^>]*)>/g, "$1").replaceAll(/[+#]/g, "x");
}
