/**
 * The key of a document in the bucket: `<kind>.<id>`. Of the id, what is not a letter, a digit, `-` or `_` stands as `=` and two hexadecimal
 * digits, or, beyond U+00FF, as `=u` and the four of each UTF-16 code unit: NATS keys take `[-/_=.a-zA-Z0-9]`, and no two ids share one.
 */
export function documentKey(kind: string, id: string): string {
  return `${kind}.${id.replaceAll(/[^A-Za-z0-9_-]/g, escapeUnits)}`;
}

function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, at) => escapeUnit(character.charCodeAt(at))).join("");
}

function escapeUnit(unit: number): string {
  const hex = unit.toString(16).toUpperCase();
  return unit <= 0xff ? `=${hex.padStart(2, "0")}` : `=u${hex.padStart(4, "0")}`;
}
