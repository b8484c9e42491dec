import type { EpochMs, SeenDelivery } from "@messnetz/model";

export interface DeliveryLimits {
  readonly maxAgeMs: number;
  /** The newest, so that no flood fills the memory. */
  readonly most: number;
}

/** Networks and bridges that were cut off send again within a day or two; see `createDeliveries` of the ingest service. */
export const deliveryLimits: DeliveryLimits = { maxAgeMs: 172_800_000, most: 500_000 };

/** Of the room for the newest, so much more before the oldest are dropped: in bulk, as dropping moves the others. */
const slack = 1.25;
const numbersEach = 4;

/** Deliveries in order of arrival, 32 bytes each. */
export class KeptDeliveries {
  /** high, low, received, at; NaN for none. */
  #numbers: number[] = [];
  readonly #limits: DeliveryLimits;

  constructor(limits: DeliveryLimits = deliveryLimits) {
    this.#limits = limits;
  }

  add({ high, low, receivedAt, at = Number.NaN }: SeenDelivery): void {
    this.#numbers.push(high, low, receivedAt, at);
    if (this.#numbers.length > this.#limits.most * slack * numbersEach) this.#drop(receivedAt);
  }

  list(now: EpochMs): SeenDelivery[] {
    this.#drop(now);
    const list: SeenDelivery[] = [];
    for (let at = 0; at < this.#numbers.length; at += numbersEach) {
      const [high, low, receivedAt, time] = this.#numbers.slice(at, at + numbersEach) as [
        number,
        number,
        number,
        number,
      ];
      list.push({ high, low, receivedAt, ...(!Number.isNaN(time) && { at: time }) });
    }
    return list;
  }

  #drop(now: EpochMs): void {
    const oldest = now - this.#limits.maxAgeMs;
    let first = Math.max(0, this.#numbers.length - this.#limits.most * numbersEach);
    while (first < this.#numbers.length && this.#numbers[first + 2]! <= oldest) first += numbersEach;
    if (first > 0) this.#numbers = this.#numbers.slice(first);
  }
}
