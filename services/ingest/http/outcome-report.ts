import { type IntakeMessage, type Outcome, outcomes, type Refusal } from "@messnetz/model";
import { quarantineId } from "@messnetz/store";

/** What an answer says of one message that is durable. */
export interface OutcomeReport {
  readonly outcome: Outcome;
  /** How many it brought; of a duplicate they were there. */
  readonly observations: number;
  readonly receivedAt: string;
  readonly refusals?: readonly Refusal[];
  /** Refusals that are left out here; the quarantine has them all. */
  readonly moreRefusals?: number;
  /** Id of the entry, for `GET /api/v1/quarantine/<id>`. */
  readonly quarantine?: string;
}

const maxRefusals = 10;

export function reportOutcome({ message, observations, refusals }: IntakeMessage, outcome: Outcome): OutcomeReport {
  const isKept = refusals.length > 0 && outcome !== "refused";
  return {
    outcome,
    observations: observations.length,
    receivedAt: new Date(message.receivedAt).toISOString(),
    ...(refusals.length > 0 && { refusals: refusals.slice(0, maxRefusals) }),
    ...(refusals.length > maxRefusals && { moreRefusals: refusals.length - maxRefusals }),
    ...(isKept && { quarantine: quarantineId(message) }),
  };
}

/** What became of the pieces of a batch: `rejected` were no messages, and nothing of them is kept. */
export interface BatchTally {
  count(outcome: Outcome | "rejected", observations: number): void;
  /** The last line of an answer; `lines` is the sum of all others but the observations. */
  summary(lines: number, problem?: { readonly type: string; readonly detail: string }): object;
}

export function createBatchTally(): BatchTally {
  const counts = Object.fromEntries([...outcomes, "rejected"].map((outcome) => [outcome, 0])) as Record<
    Outcome | "rejected",
    number
  >;
  let observations = 0;
  let told = 0;
  return {
    count(outcome, some) {
      counts[outcome]++;
      told++;
      if (outcome === "stored" || outcome === "partial") observations += some;
    },
    summary: (lines, problem) => ({
      summary: {
        lines,
        ...counts,
        unanswered: lines - told,
        observations,
        complete: problem === undefined,
        ...(problem !== undefined && { problem }),
      },
    }),
  };
}
