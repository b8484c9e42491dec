import type { Judgement, Verdict } from "./corpus-judgement.fixture.ts";
import type { CorpusRow } from "./corpus-row.fixture.ts";

/** A row of the corpus, and what came of it over the whole road. */
export interface Judged {
  readonly row: CorpusRow;
  /** A frame that no network server has decoded. */
  readonly isRaw: boolean;
  readonly judgement: Judgement;
}

const verdicts: readonly Verdict[] = ["exact", "partly", "wrong", "refused"];

/** The table of families, and below it how much of decoded messages and of raw frames came exactly. */
export function corpusTable(all: readonly Judged[]): string {
  const families = [...new Set(all.map(({ row }) => row.family))];
  const lines = families.map((family) => {
    const own = all.filter(({ row }) => row.family === family);
    return line(
      family,
      verdicts.map((verdict) => String(own.filter(({ judgement }) => judgement.verdict === verdict).length)),
    );
  });
  const decoded = shareOf(all.filter(({ isRaw }) => !isRaw));
  const raw = shareOf(all.filter(({ isRaw }) => isRaw));
  return [line("family", verdicts), ...lines, `decoded, textual, protobuf: ${decoded}; raw frames: ${raw}\n`].join("");
}

function line(name: string, cells: readonly string[]): string {
  return `${name.padEnd(28)}${cells.map((cell) => cell.padStart(9)).join("")}\n`;
}

function shareOf(all: readonly Judged[]): string {
  const exact = all.filter(({ judgement }) => judgement.verdict === "exact").length;
  return `${exact} of ${all.length} exact, ${((100 * exact) / all.length).toFixed(1)} %`;
}
