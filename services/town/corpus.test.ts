import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";
import { prepareTown, startTownProcess } from "@messnetz/bench";
import { createTemporaryFolder } from "@messnetz/testing";
import { connectAsync } from "mqtt";
import { expect, it } from "vitest";
import { judge, type Judgement } from "./corpus-judgement.fixture.ts";
import { type CorpusRow, corpusRowSchema, payloadOf, topicOf } from "./corpus-row.fixture.ts";
import { createTownClient, type ObservationRow } from "./town-client.fixture.ts";

const folder = fileURLToPath(new URL("../../../shared/corpus", import.meta.url));
const isThere = existsSync(folder);

/** Families that this version reads, by file, and how many of their rows must come out exactly as expected. */
const families: Readonly<Record<string, number>> = {
  "hsl-hfp": 37,
  digitraffic: 5,
  "traffic-other": 3,
  "transit-other": 7,
  wmbusmeters: 72,
  tasmota: 10,
  shelly: 11,
  "lorawan-real-uplinks": 14,
  "milesight-sensordecoders": 26,
  misc: 3,
  "lorawan-devices-codecs": 29,
  "lorawan-element-parsers": 40,
};

it.skipIf(!isThere)(
  "gives what real devices said, published over MQTT and asked of the API, and nothing expected comes out wrong",
  async () => {
    const rows = await readRows();
    const judgements = new Map<string, Judgement>();
    for (const round of intoRounds(rows.map(({ row }) => row))) {
      for (const [id, judgement] of await publishAll(round)) judgements.set(id, judgement);
    }
    const table = new Map<string, Record<Judgement["verdict"], number>>();
    const wrong: string[] = [];
    for (const { family, row } of rows) {
      const judgement = judgements.get(row.id)!;
      const counts = table.get(family) ?? { exact: 0, partly: 0, wrong: 0, refused: 0 };
      counts[judgement.verdict]++;
      table.set(family, counts);
      if (judgement.verdict === "wrong") wrong.push(`${row.id}: ${judgement.differences.join("; ")}`);
      if (judgement.verdict !== "exact" && family in families && process.env["MESSNETZ_CORPUS"] === "explain")
        process.stdout.write(`${row.id} ${judgement.verdict}: ${judgement.differences.join("; ")}\n`);
    }
    process.stdout.write(tableOf(table));
    expect(wrong).toEqual([]);
    for (const [family, least] of Object.entries(families)) {
      expect(table.get(family)?.exact ?? 0, family).toBeGreaterThanOrEqual(least);
    }
  },
  120_000,
);

async function readRows(): Promise<readonly { readonly family: string; readonly row: CorpusRow }[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".jsonl")).toSorted();
  const lists = await Promise.all(
    files.map(async (file) => {
      const lines = (await readFile(`${folder}/${file}`, "utf8")).split("\n").filter((line) => line !== "");
      return lines.map((line) => ({
        family: file.replace(".jsonl", ""),
        row: corpusRowSchema.parse(JSON.parse(line)),
      }));
    }),
  );
  return lists.flat();
}

/**
 * Some rows are constructed: the same device says different things at the same instant. Of two results for one identity the first stands,
 * so each of them gets a town of its own.
 */
function intoRounds(rows: readonly CorpusRow[]): readonly (readonly CorpusRow[])[] {
  const rounds: CorpusRow[][] = [];
  const seen = new Map<string, number>();
  for (const row of rows) {
    const time = row.expect.find((expected) => expected.time !== undefined)?.time;
    const key = time === undefined ? row.id : `${row.topic} ${time}`;
    const round = seen.get(key) ?? 0;
    seen.set(key, round + 1);
    (rounds[round] ??= []).push(row);
  }
  return rounds;
}

/** Publishes one row after the other; what came of a row is told by the time of receipt, which no two rows share. */
async function publishAll(rows: readonly CorpusRow[]): Promise<ReadonlyMap<string, Judgement>> {
  await using data = await createTemporaryFolder();
  const access = await prepareTown(data.path);
  const town = await startTownProcess(data.path);
  try {
    const { username, secret: password } = access;
    const client = await connectAsync({ ...town.run.mqtt, username, password });
    const spans: { from: number; to: number }[] = [];
    for (const row of rows) {
      const from = Date.now();
      await client.publishAsync(topicOf(row), payloadOf(row), { qos: 1 });
      spans.push({ from, to: Date.now() });
      await delay(2);
    }
    await client.endAsync();
    const observations: ObservationRow[] = [];
    for await (const line of createTownClient(town.url, access.token).export(""))
      observations.push(JSON.parse(line) as ObservationRow);
    return new Map(
      rows.map((row, at) => {
        const { from, to } = spans[at]!;
        const isOfRow = (one: ObservationRow) => Date.parse(one.resultTime) >= from && Date.parse(one.resultTime) <= to;
        return [row.id, judge(row, observations.filter(isOfRow))];
      }),
    );
  } finally {
    await town.child.stop();
  }
}

function tableOf(counts: ReadonlyMap<string, Record<Judgement["verdict"], number>>): string {
  const verdicts = ["exact", "partly", "wrong", "refused"] as const;
  const line = (name: string, cells: readonly string[]) =>
    `${name.padEnd(28)}${cells.map((cell) => cell.padStart(9)).join("")}\n`;
  const rows = [...counts].map(([family, count]) =>
    line(
      family,
      verdicts.map((verdict) => String(count[verdict])),
    ),
  );
  return `${line("family", verdicts)}${rows.join("")}`;
}
