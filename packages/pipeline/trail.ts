import type { ByteSpan, FieldSeen } from "@messnetz/formats";
import type { Reading } from "@messnetz/model";
import type { ExplainedStep, StepKind } from "./explanation.ts";

/** What was seen of one message on its way. */
export interface Trail {
  readonly steps: readonly ExplainedStep[];
  readonly leftOut: number;
  add(kind: StepKind, about: string, text: string): void;
  /** The format that decoded. */
  format: string | undefined;
  /** The profile that explained the fields last. */
  profile: string | undefined;
  /** Why the message measures nothing. */
  skip: string | undefined;
  noteField(seen: FieldSeen): void;
  /** The field that became the reading; undefined where no profile had a part in it. */
  fieldOf(reading: Reading): FieldSeen | undefined;
  /** The bytes of the frame that a value of a decoded object is made of. */
  noteBytes(object: object, key: string, spans: readonly ByteSpan[]): void;
  /** Those of a field; undefined where no frame was read, or nobody knows. */
  bytesOf(seen: Pick<FieldSeen, "path" | "raw" | "around"> | undefined): readonly ByteSpan[] | undefined;
}

export function createTrail(mostSteps: number): Trail {
  const steps: ExplainedStep[] = [];
  const fields = new Map<Reading, FieldSeen>();
  const bytes = new Map<object, Map<string, readonly ByteSpan[]>>();
  let leftOut = 0;
  return {
    steps,
    get leftOut() {
      return leftOut;
    },
    add(kind, about, text) {
      if (steps.length < mostSteps) steps.push({ kind, about: shorten(about), text: shorten(text) });
      else leftOut++;
    },
    format: undefined,
    profile: undefined,
    skip: undefined,
    noteField(seen) {
      if (seen.became.kind === "reading") fields.set(seen.became.reading, seen);
    },
    fieldOf: (reading) => fields.get(reading),
    noteBytes(object, key, spans) {
      const keys = bytes.get(object) ?? new Map<string, readonly ByteSpan[]>();
      bytes.set(object, keys.set(key, spans));
    },
    bytesOf(seen) {
      const keys = seen?.around === undefined ? undefined : bytes.get(seen.around);
      if (seen?.around === undefined || keys === undefined) return undefined;
      const { path, raw, around } = seen;
      const last = path.slice(path.lastIndexOf(".") + 1);
      // An entry of a list that is told by a key of its own has its value under another name than its path.
      const key = around[last] === raw ? last : Object.keys(around).find((other) => around[other] === raw);
      return key === undefined ? undefined : keys.get(key);
    },
  };
}

const maxLength = 1000;

function shorten(text: string): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
}
