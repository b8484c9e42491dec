import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UcumLhcUtils } from "@lhncbc/ucum-lhc";
import { describe, expect, it } from "vitest";
import { observedProperties } from "./catalogue.ts";
import { senmlUnits } from "./unit-alias.ts";
import { atoms } from "./unit-table.ts";
import { convert, parseUnit } from "./unit.ts";

const corpus = join(import.meta.dirname, "../../../shared/corpus");
const hasCorpus = existsSync(corpus);

function corpusUnits(): string[] {
  const files = hasCorpus ? readdirSync(corpus).filter((name) => name.endsWith(".jsonl")) : [];
  const rows = files.flatMap((name) => readFileSync(join(corpus, name), "utf8").trim().split("\n"));
  return rows.flatMap((row) => {
    const { expect: expected = [] } = JSON.parse(row) as { expect?: { unit?: string }[] };
    return expected.flatMap(({ unit }) => unit ?? []);
  });
}

const fromCorpus = corpusUnits();
const composed = "mCel (m/s)/s /h {vehicle}/d GJ Gcal_IT kW.h/m3 [ft_i]3/min dm3 10*3{count} g.m-3 V{DC}".split(" ");
const units = [
  ...new Set([
    ...atoms.keys(),
    ...observedProperties.map(({ unit }) => unit),
    ...senmlUnits.map(([, code]) => code),
    ...fromCorpus,
    ...composed,
  ]),
].toSorted();

/** Not in UCUM; see `unit-table.ts` for what they are and why. */
const ours = (code: string): boolean => /var|dB\[mW\]|m3\.Cel/.test(code);
/** The oracle turns a level into a ratio by its logarithm (`dB` to `1`, `[pH]` to mol/L). No device's level may become one. */
const isLevel = (code: string): boolean => /^(d?B(\[|$)|\[pH\])/.test(code);
/** The oracle drops what stands in braces, and lets per cent be a count. */
const countsDiffer = (from: string, to: string): boolean => parseUnit(from)?.counted !== parseUnit(to)?.counted;

describe("our units against @lhncbc/ucum-lhc", () => {
  const oracle = UcumLhcUtils.getInstance();

  it.skipIf(!hasCorpus)(
    "has a property for every unit of the corpus (SKIPPED where ../shared/corpus is absent)",
    () => {
      const homeless = fromCorpus.filter(
        (code) => !observedProperties.some(({ unit }) => convert(1, code, unit) !== undefined),
      );
      expect(homeless).toEqual([]);
      expect(new Set(fromCorpus).size).toBeGreaterThan(40);
    },
  );

  it("knows every unit of catalogue, table and corpus", () => {
    expect(units.filter((code) => parseUnit(code) === undefined)).toEqual([]);
    expect(units.filter((code) => !ours(code) && oracle.validateUnitString(code).status !== "valid")).toEqual([]);
    expect(units.filter((code) => ours(code) && oracle.validateUnitString(code).status === "valid")).toEqual([]);
  });

  it("converts every pair as the oracle does, or both refuse", () => {
    const value = 12.34;
    const known = units.filter((code) => !ours(code));
    const differences: unknown[] = [];
    let converted = 0;
    for (const from of known) {
      for (const to of known) {
        const mine = convert(value, from, to);
        if (from !== to && (isLevel(from) || isLevel(to))) {
          if (mine !== undefined && !(/B\[SPL\]/.test(from) && /B\[SPL\]/.test(to)))
            differences.push({ from, to, mine });
          continue;
        }
        if (mine === undefined && countsDiffer(from, to)) continue;
        const answer = oracle.convertUnitTo(from, value, to);
        const theirs = answer.status === "succeeded" ? (answer.toVal ?? undefined) : undefined;
        if (mine !== undefined) converted += 1;
        if (!agree(mine, theirs)) differences.push({ from, to, mine, theirs });
      }
    }
    expect(differences).toEqual([]);
    expect(converted).toBeGreaterThan(units.length);
  });
});

function agree(mine: number | undefined, theirs: number | undefined): boolean {
  if (mine === undefined || theirs === undefined) return mine === theirs;
  const size = Math.max(Math.abs(mine), Math.abs(theirs));
  return Math.abs(mine - theirs) <= 1e-9 * size;
}
