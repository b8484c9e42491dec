import type { RegistryChange } from "./port.ts";

/** Something that the file wants in the registry, and where it stands. */
export interface ImportEntry {
  /** From 1. */
  readonly line: number;
  readonly change: Extract<RegistryChange, { kind: `put-${string}` }>;
}

/** What is wrong with the file; the message says what was expected and what came. */
export interface ImportMistake {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** What was read of a file: entries, and what could not be read. */
export interface ImportReading {
  readonly entries: readonly ImportEntry[];
  readonly mistakes: readonly ImportMistake[];
}

export function refuseFile(line: number, message: string): ImportReading {
  return { entries: [], mistakes: [{ line, message }] };
}

const cameMaxLength = 60;

/** What came, quoted and shortened, for a message. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > cameMaxLength ? `${text.slice(0, cameMaxLength - 1)}…` : text;
}
