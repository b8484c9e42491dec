import type { FieldSurvey } from "./survey-fields.ts";

/** 2001-09-09 and 2033-05-18, in seconds since 1970: a counter may lie there too, so the name must say it as well. */
const unixSeconds = { min: 1_000_000_000, max: 2_000_000_000 };
const timeName = /(?:time|timestamp|date|datetime|ts|at)$/iu;
const withZone = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/u;
const wallClock = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/u;

/** How a field that may be a time says it; undefined for all others. */
export function timeKindOf({
  path,
  numbers,
  words,
  hasFlags,
}: FieldSurvey): "unix" | "unix-ms" | "iso" | "local" | undefined {
  if (hasFlags || path.endsWith("]")) return undefined;
  if (numbers === undefined) {
    if (words.length === 0) return undefined;
    if (words.every((word) => withZone.test(word))) return "iso";
    return words.every((word) => wallClock.test(word)) ? "local" : undefined;
  }
  if (words.length > 0 || !timeName.test(path)) return undefined;
  const { min, max } = numbers;
  if (min >= unixSeconds.min && max <= unixSeconds.max) return "unix";
  return min >= unixSeconds.min * 1000 && max <= unixSeconds.max * 1000 ? "unix-ms" : undefined;
}
