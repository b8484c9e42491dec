import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
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
  unit_known: z.boolean().optional(),
});

/** A row of the corpus: a payload of a real device and what it means. */
const corpusRowSchema = z.object({
  id: z.string(),
  topic: z.string(),
  payload: z.unknown(),
  expect: z.array(expectedSchema),
  expect_status: z.enum(["skip", "reject", "unknown_device", "unknown_alias"]).optional(),
  device: z.union([z.string(), z.object({ vendor: z.string(), model: z.string() })]).optional(),
});
export type Expected = z.infer<typeof expectedSchema>;

/** With the name of its file, which is that of its family. */
export interface CorpusRow extends z.infer<typeof corpusRowSchema> {
  readonly family: string;
}

const folder = fileURLToPath(new URL("../../../shared/corpus", import.meta.url));

/** The corpus is not part of the project: several of its sources may not be copied into it. */
export const isCorpusThere = existsSync(folder);

/** All rows, in the order of their files. */
export async function readCorpus(): Promise<readonly CorpusRow[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".jsonl")).toSorted();
  const lists = await Promise.all(
    files.map(async (file) => {
      const lines = (await readFile(`${folder}/${file}`, "utf8")).split("\n").filter((line) => line !== "");
      const family = file.replace(".jsonl", "");
      return lines.map((line) => ({ ...corpusRowSchema.parse(JSON.parse(line)), family }));
    }),
  );
  return lists.flat();
}

/** The bytes that the device sent. */
export function payloadOf({ payload }: Pick<CorpusRow, "payload">): Buffer {
  if (typeof payload === "object" && payload !== null) {
    if ("base64" in payload && typeof payload.base64 === "string") return Buffer.from(payload.base64, "base64");
    if ("text" in payload && typeof payload.text === "string") return Buffer.from(payload.text);
  }
  return Buffer.from(JSON.stringify(payload));
}

/** A topic that can be published to: placeholders of the corpus, `<channel>`, become words, `<DevEUI>` a number of that kind. */
export function topicOf({ topic }: Pick<CorpusRow, "topic">): string {
  return topic
    .replace("<DevEUI>", "fe00000000000001")
    .replaceAll(/<([^>]*)>/g, "$1")
    .replaceAll(/[+#]/g, "x");
}
