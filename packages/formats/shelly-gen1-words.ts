const flags: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ["on", true],
  ["off", false],
  ["true", true],
  ["false", false],
  ["1", true],
  ["0", false],
  ["open", true],
  ["close", false],
  ["closed", false],
  [true, true],
  [false, false],
  [1, true],
  [0, false],
]);

/** A flag in one of the spellings of the first generation; undefined for all else. */
export function flagOf(value: unknown): boolean | undefined {
  return flags.get(value);
}
