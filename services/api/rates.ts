import { Problem } from "./problem.ts";

/** What one payer may use: `perMinute` comes back steadily, and no more than so much is kept. */
export interface Rate {
  readonly perMinute: number;
}

export interface RateLimits {
  /** Requests of one token. */
  readonly requests: Rate;
  /** Requests of one address that come without a good token. */
  readonly publicRequests: Rate;
  /** Observations that the queries of one token may read. */
  readonly cost: Rate;
  /** The same of one address that comes without a good token. */
  readonly publicCost: Rate;
}

/** Who pays: a token, or the address of whoever has none. */
export interface Payer {
  readonly kind: "token" | "address";
  readonly key: string;
}

/** How much each may use. Tells of it with the problem `too-many`, which says when to come again. */
export interface Rates {
  chargeRequest(payer: Payer): void;
  /**
   * For a query before it runs; `cost` is about how many observations it reads. What is beyond a whole minute's worth would never be let through:
   * the problem `too-much`.
   */
  chargeCost(payer: Payer, cost: number): void;
}

const minuteMs = 60_000;
/** So many payers are remembered; who was away the longest is forgotten first, and has all of its share again. */
const maxPayers = 10_000;

/** `now`: milliseconds of a clock that never goes back. */
export function createRates(limits: RateLimits, now: () => number): Rates {
  const requests = { token: createBuckets(limits.requests, now), address: createBuckets(limits.publicRequests, now) };
  const costs = { token: createBuckets(limits.cost, now), address: createBuckets(limits.publicCost, now) };
  return {
    chargeRequest({ kind, key }) {
      const waitMs = requests[kind].take(key, 1);
      if (waitMs > 0)
        throw tooMany(
          `${requests[kind].perMinute} requests a minute${kind === "address" ? " without a token" : ""}`,
          waitMs,
        );
    },
    chargeCost({ kind, key }, cost) {
      const { perMinute } = costs[kind];
      const asked = Math.ceil(cost);
      if (asked > perMinute)
        throw new Problem(
          "too-much",
          `expected a question that reads at most about ${perMinute} observations; this one reads about ${asked}. Ask for a shorter span, fewer ` +
            `datastreams or ${kind === "address" ? "with a token" : "in several requests"}`,
        );
      const waitMs = costs[kind].take(key, asked);
      if (waitMs > 0) throw tooMany(`questions that read about ${perMinute} observations a minute`, waitMs);
    },
  };
}

function tooMany(bound: string, waitMs: number): Problem {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new Problem("too-many", `expected at most ${bound}: ask again in ${retryAfterSeconds} s`, {
    retryAfterSeconds,
  });
}

function createBuckets({ perMinute }: Rate, now: () => number) {
  /** Who used something lately, the longest ago first. */
  const buckets = new Map<string, { readonly left: number; readonly at: number }>();
  return {
    perMinute,
    /** Takes it, or tells in how many milliseconds it will be there. */
    take(key: string, amount: number): number {
      const at = now();
      const known = buckets.get(key);
      const left =
        known === undefined ? perMinute : Math.min(perMinute, known.left + ((at - known.at) * perMinute) / minuteMs);
      const lacking = amount - left;
      buckets.delete(key);
      buckets.set(key, { left: lacking > 0 ? left : left - amount, at });
      if (buckets.size > maxPayers) buckets.delete(buckets.keys().next().value!);
      return lacking > 0 ? (lacking * minuteMs) / perMinute : 0;
    },
  };
}

/** An address as it is counted: of IPv6 its /64 network, which is what one household has (RFC 6177). */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("%")[0]!.split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => "0");
  const groups = tail === undefined ? front : [...front, ...zeros, ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, "").toLowerCase())
    .join(":")}::/64`;
}
