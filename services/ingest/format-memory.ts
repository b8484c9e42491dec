import type { JsonValue, Remembered } from "@messnetz/formats";

/** What formats remember of the devices of a source (see `DecodeContext.state`). */
export interface FormatMemory {
  recall(source: string, format: string, key: string): JsonValue | undefined;
  /** Seen at once. Gives how many were not taken. */
  remember(source: string, format: string, list: readonly Remembered[]): number;
}

/** Where it is durable, and bounded per source. */
export interface MemoryKeeper {
  recall(source: string, format: string, key: string): JsonValue | undefined;
  remember(
    list: readonly {
      readonly source: string;
      readonly format: string;
      readonly key: string;
      readonly value: JsonValue;
    }[],
  ): readonly unknown[];
}

/** What is not worth a write, of all sources together; of more the oldest go. */
const maxTransient = 100_000;
const maxTransientKey = 400;
const maxTransientValue = 1_000;

/** Keeps at the registry what must be known after a restart, and the rest, which changes with each message, in memory alone. */
export function createFormatMemory(keeper: MemoryKeeper): FormatMemory {
  const transient = new Map<string, JsonValue>();

  function keepTransient(id: string, value: JsonValue): boolean {
    transient.delete(id);
    if (value === null) return true;
    if (id.length > maxTransientKey || JSON.stringify(value).length > maxTransientValue) return false;
    if (transient.size >= maxTransient) transient.delete(transient.keys().next().value!);
    transient.set(id, value);
    return true;
  }

  return {
    recall: (source, format, key) => transient.get(idOf(source, format, key)) ?? keeper.recall(source, format, key),
    remember(source, format, list) {
      let refused = 0;
      for (const { key, value, isTransient } of list) {
        const isTaken =
          isTransient === true
            ? keepTransient(idOf(source, format, key), value)
            : keeper.remember([{ source, format, key, value }]).length === 0;
        if (!isTaken) refused++;
      }
      return refused;
    },
  };
}

/** Neither ids of sources nor names of formats hold a blank. */
function idOf(source: string, format: string, key: string): string {
  return `${source} ${format} ${key}`;
}
