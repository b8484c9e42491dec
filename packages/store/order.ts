/** Datastream ids and all other names compare by code unit, everywhere the same. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
