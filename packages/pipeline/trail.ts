import type { FieldSeen } from "@messnetz/formats";
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
}

export function createTrail(mostSteps: number): Trail {
  const steps: ExplainedStep[] = [];
  const fields = new Map<Reading, FieldSeen>();
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
  };
}

const maxLength = 1000;

function shorten(text: string): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
}
