import type { EpochMs } from "@messnetz/model";
import { compareText } from "../order.ts";
import type { QuarantineQuery } from "../port.ts";

export interface IndexedEntry {
  readonly id: string;
  /** Of the stream. */
  readonly seq: number;
  readonly source: string;
  readonly receivedAt: EpochMs;
  readonly bytes: number;
}

/** What is in the quarantine, in memory: about 200 bytes an entry. */
export class QuarantineIndex {
  readonly #byId = new Map<string, IndexedEntry>();
  readonly #bytesOf = new Map<string, number>();
  /** Oldest first, once sorted. */
  #entries: IndexedEntry[] = [];
  #isSorted = true;
  /** The same text is kept once. */
  readonly #sources = new Map<string, string>();

  find(id: string): IndexedEntry | undefined {
    return this.#byId.get(id);
  }

  /** Of all entries that the credential has. */
  bytesOf(source: string): number {
    return this.#bytesOf.get(source) ?? 0;
  }

  /** One that is there already stays as it is. */
  add(entry: IndexedEntry): void {
    if (this.#byId.has(entry.id)) return;
    const source = this.#sources.get(entry.source) ?? entry.source;
    this.#sources.set(source, source);
    const own = { ...entry, source };
    const last = this.#entries.at(-1);
    if (last !== undefined && compareEntries(last, own) > 0) this.#isSorted = false;
    this.#entries.push(own);
    this.#byId.set(own.id, own);
    this.#bytesOf.set(source, this.bytesOf(source) + own.bytes);
  }

  clear(): void {
    this.#entries = [];
    this.#byId.clear();
    this.#bytesOf.clear();
    this.#isSorted = true;
  }

  /** Drops what was received at or before the instant. */
  expire(cutoff: EpochMs): void {
    this.#sort();
    const first = this.#entries.findIndex(({ receivedAt }) => receivedAt > cutoff);
    const old = this.#entries.splice(0, first === -1 ? this.#entries.length : first);
    for (const { id, source, bytes } of old) {
      this.#byId.delete(id);
      this.#bytesOf.set(source, this.bytesOf(source) - bytes);
    }
  }

  drop(ids: ReadonlySet<string>): void {
    for (const { id, source, bytes } of this.#entries.filter((entry) => ids.has(entry.id))) {
      this.#byId.delete(id);
      this.#bytesOf.set(source, this.bytesOf(source) - bytes);
    }
    this.#entries = this.#entries.filter((entry) => !ids.has(entry.id));
  }

  /** Newest first. */
  select({ sources, interval, before, limit }: QuarantineQuery): IndexedEntry[] {
    this.#sort();
    const wanted = sources === undefined ? undefined : new Set(sources);
    const found: IndexedEntry[] = [];
    for (let at = this.#entries.length - 1; at >= 0 && found.length < limit; at--) {
      const entry = this.#entries[at]!;
      if (interval !== undefined && entry.receivedAt < interval.from) break;
      if (interval !== undefined && entry.receivedAt >= interval.to) continue;
      if (before !== undefined && compareEntries(entry, before) >= 0) continue;
      if (wanted === undefined || wanted.has(entry.source)) found.push(entry);
    }
    return found;
  }

  #sort(): void {
    if (this.#isSorted) return;
    this.#entries.sort(compareEntries);
    this.#isSorted = true;
  }
}

type Age = Pick<IndexedEntry, "receivedAt" | "id">;

function compareEntries(a: Age, b: Age): number {
  return a.receivedAt - b.receivedAt || compareText(a.id, b.id);
}
