import type { EpochMs } from "@messnetz/model";
import { type Decimal, minus, plus, toDecimal, toMultiple, toNumber, zero } from "./decimal.ts";
import type { DatastreamTraits } from "./traits.ts";

/**
 * `rollover`: the register came to its modulus and began anew. `reset`: it began anew for another reason, and what it shows after is
 * counted. `exchange`: another meter was put in, as the settings say. `backward`: it ran back, which is taken off the consumption.
 * `leap`: more than the settings allow, counted as it is.
 */
export type RegisterEventKind = "rollover" | "reset" | "exchange" | "backward" | "leap";

/** What a register did other than grow, between two readings, or at the exchange itself. Values as the register showed them. */
export interface RegisterEvent {
  readonly kind: RegisterEventKind;
  readonly beforeTime: EpochMs;
  readonly before: number;
  /** Of the reading after; of an exchange: its own time, and `before` and `after` are end and start readings. */
  readonly time: EpochMs;
  readonly after: number;
}

/** From one reading to the next. */
export interface Step {
  readonly beforeTime: EpochMs;
  readonly before: number;
  readonly time: EpochMs;
  readonly after: number;
}

/** What a step means: consumption is after − before + `correction`. */
export interface Verdict {
  readonly correction: Decimal;
  readonly events: readonly RegisterEvent[];
}

/** Of an instant within a step. */
export interface Between {
  /** Consumption since the reading before. */
  readonly consumed: Decimal;
  /** What the register showed. */
  readonly reading: Decimal;
}

const plain: Verdict = { correction: zero, events: [] };
const hourMs = 3_600_000;

/** Where no greatest consumption is declared: how far below its modulus a register may have been, and how far above 0 it may be after. */
const rolloverShare = 0.1;

/** Says what steps of a register mean; each step by itself, so that the answer does not depend on what else is asked. */
export function createRegister({ register = {}, exchanges = [] }: Pick<DatastreamTraits, "register" | "exchanges">) {
  const { modulus, resolution, maxPerHour } = register;
  const step = resolution === undefined ? undefined : toDecimal(resolution);
  const resolved = step === undefined || step.units === 0 ? undefined : step;
  const slack = resolution ?? 0;

  /** To the register's resolution: declared, else by the decimals of the reading itself. */
  function round(value: number): Decimal {
    return resolved === undefined ? toDecimal(value) : toMultiple(value, resolved);
  }

  /** The exchanges in `(from, to]`. */
  function exchangesIn(from: EpochMs, to: EpochMs) {
    return exchanges.length === 0 ? [] : exchanges.filter(({ at }) => at > from && at <= to);
  }

  function allows(consumption: number, lengthMs: number): boolean {
    // The register may have shown up to a step less than was consumed before, and up to a step more after.
    return maxPerHour === undefined || consumption <= (maxPerHour * lengthMs) / hourMs + slack;
  }

  function isRollover({ beforeTime, before, time, after }: Step): boolean {
    if (modulus === undefined || before > modulus || after < 0) return false;
    if (maxPerHour !== undefined) return allows(modulus - before + after, time - beforeTime);
    return before >= modulus * (1 - rolloverShare) && after <= modulus * rolloverShare;
  }

  function kindOf(change: Step): Exclude<RegisterEventKind, "exchange"> | undefined {
    const { beforeTime, before, time, after } = change;
    if (after >= before) return allows(after - before, time - beforeTime) ? undefined : "leap";
    if (isRollover(change)) return "rollover";
    return after >= 0 && after < before / 2 ? "reset" : "backward";
  }

  /** Is plain for a step up without exchange or leap, by far the most. */
  function judge(change: Step): Verdict {
    const within = exchangesIn(change.beforeTime, change.time);
    if (within.length > 0) return replaced(within);
    const kind = kindOf(change);
    if (kind === undefined) return plain;
    const events = [{ kind, ...change }];
    if (kind === "rollover") return { correction: toDecimal(modulus!), events };
    return { correction: kind === "reset" ? round(change.before) : zero, events };
  }

  function replaced(within: NonNullable<DatastreamTraits["exchanges"]>): Verdict {
    return {
      correction: within.reduce((sum, { end, start }) => plus(sum, minus(round(end), round(start))), zero),
      events: within.map(({ at, end, start }) => ({
        kind: "exchange",
        beforeTime: at,
        before: end,
        time: at,
        after: start,
      })),
    };
  }

  /** `part / whole` of a consumption, rounded once to the resolution. */
  function shareOf({ units, decimals }: Decimal, part: number, whole: number): Decimal {
    if (resolved === undefined) return { units: partOf(units, part, whole), decimals };
    const steps = units / resolved.units;
    if (decimals !== resolved.decimals || !Number.isInteger(steps)) {
      return toMultiple((toNumber({ units, decimals }) * part) / whole, resolved);
    }
    return { units: partOf(steps, part, whole) * resolved.units, decimals };
  }

  /** In a straight line from the reading before to the one after; to and from the exchanges between them. */
  function betweenAt(instant: EpochMs, change: Step): Between {
    const within = exchangesIn(change.beforeTime, change.time);
    if (within.length === 0) return straight(instant, change, judge(change));
    let { beforeTime, before } = change;
    let consumed = zero;
    for (const { at: exchangedAt, end, start } of within) {
      if (instant <= exchangedAt) {
        return further(consumed, straight(instant, { beforeTime, before, time: exchangedAt, after: end }, plain));
      }
      consumed = plus(consumed, minus(round(end), round(before)));
      beforeTime = exchangedAt;
      before = start;
    }
    return further(consumed, straight(instant, { ...change, beforeTime, before }, plain));
  }

  function straight(instant: EpochMs, change: Step, { correction, events }: Verdict): Between {
    const from = round(change.before);
    const whole = plus(minus(round(change.after), from), correction);
    const part = shareOf(whole, instant - change.beforeTime, change.time - change.beforeTime);
    const reading = plus(from, part);
    const kind = events[0]?.kind;
    return {
      consumed: part,
      reading: kind === "reset" ? part : kind === "rollover" ? wrapped(reading) : reading,
    };
  }

  function wrapped(reading: Decimal): Decimal {
    return toNumber(reading) >= modulus! ? minus(reading, toDecimal(modulus!)) : reading;
  }

  return { round, judge, betweenAt };
}

/** The nearest integer; of two as near the greater, as long as the product is an integer that a double has. */
function partOf(units: number, part: number, whole: number): number {
  const product = units * part;
  return Math.round(Number.isSafeInteger(product) ? product / whole : units * (part / whole));
}

/** With what was consumed before. */
function further(before: Decimal, { consumed, reading }: Between): Between {
  return { consumed: plus(before, consumed), reading };
}
