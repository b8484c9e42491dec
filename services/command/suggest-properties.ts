import { catalogue, type ObservedProperty } from "@messnetz/model";

const most = 3;

/** Words of names that makers shorten. */
const longForms: ReadonlyMap<string, string> = new Map([
  ["temp", "temperature"],
  ["hum", "humidity"],
  ["bat", "battery"],
  ["batt", "battery"],
  ["volt", "voltage"],
  ["press", "pressure"],
  ["vol", "volume"],
  ["dist", "distance"],
]);

/** Observed properties of which a word stands in the last key of the path, those with most in common first. A name proves nothing. */
export function suggestProperties(path: string, value: "number" | "flag" | "word"): readonly ObservedProperty[] {
  const keys = path.replaceAll("[]", "").split(".");
  const [last = "", around = ""] = keys.toReversed();
  const words = wordsOf(/^(?:value|val|v)$/iu.test(last) ? around : last);
  return [...catalogue.values()]
    .filter(({ kind }) => (kind === "state") === (value !== "number"))
    .map((property) => {
      const own = wordsOf(property.key);
      const common = own.filter((word) => words.includes(word)).length;
      return { property, common, others: own.length - common };
    })
    .filter(({ common }) => common > 0)
    .toSorted((a, b) => b.common - a.common || a.others - b.others || a.property.key.localeCompare(b.property.key))
    .slice(0, most)
    .map(({ property }) => property);
}

function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/(?<=[a-z])(?=[A-Z])/gu, "_")
    .toLowerCase()
    .split(/[^a-z]+/u)
    .filter((word) => word.length > 2)
    .map((word) => longForms.get(word) ?? word);
}
