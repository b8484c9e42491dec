/** A parsed JSON object, not an array, not null. Look up only words of a closed table in it: it may hold any key. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
