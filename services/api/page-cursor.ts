import { z } from "zod";
import { Problem } from "./problem.ts";

/**
 * A place in a list, as text that callers only hand back. It holds no right: what a token may see is planned anew for each page, so a
 * cursor that was made up or is another's shows nothing that the token could not ask for.
 */
export function writeCursor(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

export const observationPlace = z.tuple([z.string().max(300), z.int(), z.int().min(0)]);
export const textPlace = z.tuple([z.string().max(300)]);
export const auditPlace = z.tuple([z.int().min(1)]);
export const quarantinePlace = z.tuple([z.int(), z.string().max(300)]);

/** Throws an `invalid-request` problem for what no page of this list gave. */
export function readCursor<T>(schema: z.ZodType<T>, text: string): T {
  const parsed = schema.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  const expected = "the value of `next` of the page before, unchanged";
  throw new Problem("invalid-request", `cursor: expected ${expected}`, {
    mistakes: [{ in: "query", name: "cursor", expected, came: text.slice(0, 100) }],
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
