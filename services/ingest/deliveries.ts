import { hash } from "node:crypto";
import type { EpochMs, SeenDelivery } from "@messnetz/model";
import type { Delivery } from "@messnetz/pipeline";

/** Deliveries that networks name, by whatever source they came. */
export interface Deliveries {
  isKnown(delivery: Delivery): boolean;
  /** What is to be kept of it. `refused`: nothing of it was read, so that it is known for minutes only. */
  remember(delivery: Delivery, receivedAt: EpochMs, became?: "refused"): SeenDelivery;
  /** Of one that was refused, and not even kept in the quarantine: it is no copy when it comes again. */
  forget(delivery: Delivery): void;
  size(): number;
}

/**
 * A younger generation takes what comes; when it is a day old, or full, it becomes the older one, and that one is forgotten. So a delivery is
 * known for one to two days: longer than a network, a bridge or a webhook is cut off without anybody noticing.
 */
const generationMs = 86_400_000;
/** Of both generations: a slot has 16 bytes, a delivery 23 to 46, all together at most 17 MB. */
const mostDeliveries = 500_000;
/**
 * Copies lie so close by the network's clock. Where a counter may begin anew with the same content (a device that never joins was restarted),
 * what lies further apart is new: a copy more is better than a reading less.
 */
const copyWithinMs = 600_000;
/**
 * What was refused as a whole is known so long by our clock: copies of one uplink come within seconds, and whoever has cured the reason (a
 * profile, an entry of the registry) sends again later.
 */
const refusedForMs = 600_000;
/** About 150 bytes each. */
const mostRefused = 20_000;

/** 63 bits of SHA-256: with as many deliveries as are kept, one in 10^13 is taken for another. The last bit of `high` marks what was refused. */
export function createDeliveries(
  kept: Iterable<SeenDelivery> = [],
  options: {
    readonly most?: number;
    readonly clock?: () => EpochMs;
    /** When what refusals may come from was changed last: what was refused before is no copy when it is sent again. */
    readonly curedAt?: () => EpochMs | undefined;
  } = {},
): Deliveries {
  const { most = mostDeliveries, clock = Date.now, curedAt = () => undefined } = options;
  const mostEach = Math.max(1, Math.floor(most / 2));
  /** The longest known first. */
  const refused = new Map<string, { readonly at: number; readonly receivedAt: EpochMs }>();
  let younger = createTable();
  let older = createTable();
  let youngerSince: EpochMs | undefined;
  let lastText = "";
  let lastKey: Key = { high: 0, low: 1 };

  /** The same delivery is asked for and then remembered. */
  function keyOf({ operator, format, device, id }: Delivery): Key {
    // None of the first three holds a line break.
    const text = `${operator}\n${format}\n${device}\n${id}`;
    if (text === lastText) return lastKey;
    // A buffer would cost twice the time.
    const bytes = hash("sha256", text, "binary");
    lastText = text;
    // Zero marks a free slot.
    lastKey = { high: (halfOf(bytes, 0) & ~1) >>> 0, low: halfOf(bytes, 4) || 1 };
    return lastKey;
  }

  function addRefused(name: string, at: number, receivedAt: EpochMs): void {
    refused.delete(name);
    refused.set(name, { at, receivedAt });
    for (const [other, one] of refused) {
      if (refused.size <= mostRefused && one.receivedAt > receivedAt - refusedForMs) return;
      refused.delete(other);
    }
  }

  function refusedAt(key: Key): number | undefined {
    const one = refused.size === 0 ? undefined : refused.get(nameOf(key));
    if (one === undefined || Math.abs(clock() - one.receivedAt) >= refusedForMs) return undefined;
    return one.receivedAt <= (curedAt() ?? -Infinity) ? undefined : one.at;
  }

  function add(key: Key, at: number, receivedAt: EpochMs): void {
    youngerSince ??= receivedAt;
    if (receivedAt - youngerSince >= generationMs || younger.size() >= mostEach) {
      older = younger;
      younger = createTable();
      youngerSince = receivedAt;
    }
    younger.set(key, at);
  }

  for (const { high, low, at = Number.NaN, receivedAt } of kept) {
    if (high % 2 === 0) add({ high, low }, at, receivedAt);
    else addRefused(nameOf({ high: high - 1, low }), at, receivedAt);
  }

  /** Unique ids have no time. */
  function isNear(at: EpochMs | undefined, before: number | undefined): boolean {
    if (before === undefined) return false;
    return at === undefined || Number.isNaN(before) || Math.abs(at - before) <= copyWithinMs;
  }

  return {
    isKnown(delivery) {
      const key = keyOf(delivery);
      return isNear(delivery.at, younger.get(key) ?? older.get(key)) || isNear(delivery.at, refusedAt(key));
    },
    remember(delivery, receivedAt, became) {
      const key = keyOf(delivery);
      const at = delivery.at ?? Number.NaN;
      if (became === "refused") addRefused(nameOf(key), at, receivedAt);
      else add(key, at, receivedAt);
      const high = became === "refused" ? key.high + 1 : key.high;
      return { high, low: key.low, ...(delivery.at !== undefined && { at: delivery.at }), receivedAt };
    },
    forget: (delivery) => void refused.delete(nameOf(keyOf(delivery))),
    size: () => younger.size() + older.size() + refused.size,
  };
}

interface Key {
  readonly high: number;
  /** Never 0. */
  readonly low: number;
}

function nameOf({ high, low }: Key): string {
  return `${high} ${low}`;
}

/** 32 bits of a text that has a byte in each character. */
function halfOf(bytes: string, at: number): number {
  const upper = (bytes.charCodeAt(at + 3) << 24) | (bytes.charCodeAt(at + 2) << 16);
  return (upper | (bytes.charCodeAt(at + 1) << 8) | bytes.charCodeAt(at)) >>> 0;
}

interface Table {
  get(key: Key): number | undefined;
  set(key: Key, value: number): void;
  size(): number;
}

const firstSlots = 1024;
const fullAt = 0.7;

/** Keys of 64 bits and a number each, in open addressing: a Map would take five times the memory. */
function createTable(): Table {
  let mask = firstSlots - 1;
  let highs = new Uint32Array(firstSlots);
  let lows = new Uint32Array(firstSlots);
  let values = new Float64Array(firstSlots);
  let count = 0;

  /** Where the key is, or the free slot where it would be. */
  function slotOf({ high, low }: Key): number {
    let slot = high & mask;
    while (lows[slot] !== 0 && (lows[slot] !== low || highs[slot] !== high)) slot = (slot + 1) & mask;
    return slot;
  }

  function put(key: Key, value: number): void {
    const slot = slotOf(key);
    if (lows[slot] === 0) count++;
    highs[slot] = key.high;
    lows[slot] = key.low;
    values[slot] = value;
  }

  function grow(): void {
    const [oldHighs, oldLows, oldValues] = [highs, lows, values];
    const slots = oldLows.length * 2;
    mask = slots - 1;
    highs = new Uint32Array(slots);
    lows = new Uint32Array(slots);
    values = new Float64Array(slots);
    count = 0;
    for (const [slot, low] of oldLows.entries()) if (low !== 0) put({ high: oldHighs[slot]!, low }, oldValues[slot]!);
  }

  return {
    get(key) {
      const slot = slotOf(key);
      return lows[slot] === 0 ? undefined : values[slot];
    },
    set(key, value) {
      if (count >= fullAt * lows.length) grow();
      put(key, value);
    },
    size: () => count,
  };
}
