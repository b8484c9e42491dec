import { z } from "zod";
import type { ForeignChange } from "../documents.ts";
import { RegistryError } from "../error.ts";

const lineSchema = z.object({ kind: z.string(), id: z.string(), document: z.unknown().optional() });

/** One line of JSON for each change, without a document where it is removed; as few texts as `maxBytes` allows, lines unbroken. */
export function changeTexts(changes: readonly ForeignChange[], maxBytes: number): readonly string[] {
  const texts: string[] = [];
  let lines: string[] = [];
  let bytes = 0;
  for (const each of changes) {
    const line = changeLine(each);
    const size = Buffer.byteLength(line) + 1;
    if (size > maxBytes) {
      const what = `${each.kind} ${each.id.slice(0, 200)}`;
      throw new RegistryError("invalid", `${what}: expected at most ${maxBytes} bytes as JSON, came ${size}`);
    }
    if (bytes + size > maxBytes) {
      texts.push(lines.join("\n"));
      [lines, bytes] = [[], 0];
    }
    lines.push(line);
    bytes += size;
  }
  return [...texts, lines.join("\n")];
}

function changeLine({ kind, id, body }: ForeignChange): string {
  const document = body === undefined ? "" : `,"document":${body}`;
  return `{"kind":${JSON.stringify(kind)},"id":${JSON.stringify(id)}${document}}`;
}

/** Throws where a line is none of ours. */
export function parseChangeText(text: string): readonly ForeignChange[] {
  return text.split("\n").map((line) => {
    const { kind, id, document } = lineSchema.parse(JSON.parse(line));
    return document === undefined ? { kind, id } : { kind, id, body: JSON.stringify(document) };
  });
}
