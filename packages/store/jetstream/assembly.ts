import { z } from "zod";

/** Where a message stands in something that is larger than one message may be. */
export const partSchema = z.object({ id: z.string(), number: z.int().min(1), of: z.int().min(1) });
export type Part = z.infer<typeof partSchema>;

export interface Assembly<T> {
  /** All parts in order once the last has come; nothing of what lacks one. */
  take(part: Part, content: T): readonly T[] | undefined;
  /** What is begun stays unfinished: something else came. */
  drop(): void;
}

/** Puts together what one writer cut. A kill in between leaves a beginning without an end, which is as if it were not there. */
export function createAssembly<T>(): Assembly<T> {
  let id: string | undefined;
  let parts: T[] = [];
  return {
    take(part, content) {
      if (part.number === 1) {
        id = part.id;
        parts = [];
      }
      if (part.id !== id || part.number !== parts.length + 1) return undefined;
      parts.push(content);
      if (part.number < part.of) return undefined;
      const whole = parts;
      id = undefined;
      parts = [];
      return whole;
    },
    drop() {
      id = undefined;
      parts = [];
    },
  };
}
