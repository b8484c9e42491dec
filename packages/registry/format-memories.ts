import { Buffer } from "node:buffer";
import type { DocumentChange, FormatMemory } from "./documents.ts";
import type { Journal } from "./journal.ts";
import type { MemoryEntry, Registry } from "./port.ts";

/** Below what one change may be in the log of NATS. */
const maxEntryBytes = 200_000;
const maxEntriesOfSource = 5_000;
const maxBytesOfSource = 8_000_000;
const maxKeyLength = 400;
/** What others wrote meanwhile is counted after so many of ours. */
const recountAfter = 1_000;

interface Extent {
  entries: number;
  bytes: number;
  sinceCount: number;
}

/** What formats remember, within bounds: a device that invents metrics, or a topic a minute, fills neither memory nor disk. */
export function createFormatMemories(journal: Journal): Pick<Registry, "recall" | "remember"> {
  const extents = new Map<string, Extent>();
  const sizes = new WeakMap<FormatMemory, number>();

  function sizeOf(memory: FormatMemory): number {
    let size = sizes.get(memory);
    if (size === undefined) {
      size = Buffer.byteLength(JSON.stringify(memory));
      sizes.set(memory, size);
    }
    return size;
  }

  function extentOf(source: string): Extent {
    const known = extents.get(source);
    if (known !== undefined && known.sinceCount++ < recountAfter) return known;
    const extent: Extent = { entries: 0, bytes: 0, sinceCount: 0 };
    for (const memory of journal.state.memory.values()) {
      if (memory.source !== source) continue;
      extent.entries++;
      extent.bytes += sizeOf(memory);
    }
    extents.set(source, extent);
    return extent;
  }

  /** Undefined where it is not taken. */
  function toChange({ source, format, key, value }: MemoryEntry): DocumentChange | undefined {
    if (key.length > maxKeyLength || !journal.state.source.has(source)) return undefined;
    const id = idOf(source, format, key);
    const before = journal.state.memory.get(id);
    const extent = extentOf(source);
    const body = value === null ? undefined : JSON.stringify({ source, format, key, value });
    const bytes = body === undefined ? 0 : Buffer.byteLength(body);
    const grownBy = bytes - (before === undefined ? 0 : sizeOf(before));
    const isNew = before === undefined && body !== undefined;
    if (bytes > maxEntryBytes || (grownBy > 0 && extent.bytes + grownBy > maxBytesOfSource)) return undefined;
    if (isNew && extent.entries >= maxEntriesOfSource) return undefined;
    extent.bytes += grownBy;
    extent.entries += isNew ? 1 : before !== undefined && body === undefined ? -1 : 0;
    return body === undefined ? { kind: "memory", id } : { kind: "memory", id, body };
  }

  return {
    recall: (source, format, key) => journal.state.memory.get(idOf(source, format, key))?.value,
    remember(list) {
      const refused: MemoryEntry[] = [];
      for (const entry of list) {
        const change = toChange(entry);
        if (change === undefined) refused.push(entry);
        else if (change.body !== undefined || journal.state.memory.has(change.id)) journal.remember([change]);
      }
      return refused;
    },
  };
}

/** Neither ids of sources nor names of formats hold a blank. */
function idOf(source: string, format: string, key: string): string {
  return `${source} ${format} ${key}`;
}
