import { createTemporaryFolder, findProgram } from "@messnetz/testing";
import { bytesBelow, cpuSeconds, memoryMb } from "./process-figures.ts";
import { countObservations, timeExport, timeLatest, whileExporting } from "./queries.ts";
import { type LoadFigures, runLoad } from "./run-load.ts";
import { startTownProcess } from "./town-process.ts";
import { prepareTown } from "./trial-access.ts";

export interface TownFigures {
  readonly idleMb: number;
  readonly loadedMb: number;
  readonly full: LoadFigures;
  readonly cpuMicrosPerMessage: number;
  readonly tenth: LoadFigures;
  readonly tenthDuringExport: LoadFigures;
  readonly exportsDuringLoad: number;
  readonly mixed: LoadFigures;
  readonly mixedCpuMicrosPerMessage: number;
  readonly mixedExports: number;
  readonly csvSecondsPerMillion: number;
  readonly parquetSecondsPerMillion: number;
  readonly latestMs: number;
  readonly latestCount: number;
  readonly bytesPerObservation: number;
  readonly observations: number;
}

const million = 1_000_000;

/**
 * Everything about one town process. `heldToBytes`: its data segment is held to so much (RLIMIT_DATA, prlimit of util-linux), so that an
 * allocation beyond it fails instead of being measured afterwards.
 */
export async function measureTown(options: {
  readonly seconds: number;
  readonly say: (text: string) => void;
  readonly heldToBytes?: number;
}): Promise<TownFigures> {
  const { seconds, say } = options;
  await using folder = await createTemporaryFolder();
  const access = await prepareTown(folder.path);
  const wrap = options.heldToBytes === undefined ? [] : [findProgram("prlimit")!, `--data=${options.heldToBytes}`];
  let town = await startTownProcess(folder.path, { wrap });
  try {
    let target = { ...town.run.mqtt, username: access.username, password: access.secret };
    const idleMb = memoryMb(town.child.pid).now;

    say(`  full load, ${seconds} s`);
    const cpuBefore = cpuSeconds(town.child.pid);
    const full = await runLoad(target, { seconds });
    const cpuMicrosPerMessage = ((cpuSeconds(town.child.pid) - cpuBefore) / full.acknowledged) * 1e6;
    const loadedMb = memoryMb(town.child.pid).most;

    say("  what it takes on the disk");
    await town.child.stop(60_000);
    const bytes = await bytesBelow(folder.path);
    town = await startTownProcess(folder.path, { wrap });
    target = { ...town.run.mqtt, username: access.username, password: access.secret };
    const observations = await countObservations(town.url, access.token);

    say("  a tenth of it, without and with an export running");
    const rate = Math.max(1, Math.round(full.perSecond / 10));
    const startsAt = Date.now() - 43_200_000;
    const tenth = await runLoad(target, { seconds, rate, "starts-at": startsAt, "first-device": 10_000 });
    const during = await whileExporting(town.url, access.token, async () =>
      runLoad(target, { seconds, rate, "starts-at": startsAt, "first-device": 20_000 }),
    );

    say("  mixed load with an export running");
    const mixedBefore = cpuSeconds(town.child.pid);
    const mixed = await whileExporting(town.url, access.token, async () =>
      runLoad(target, {
        seconds,
        mixed: true,
        late: 0.05,
        repeated: 0.05,
        undecodable: 0.01,
        "first-device": 30_000,
      }),
    );
    const mixedCpu = cpuSeconds(town.child.pid) - mixedBefore;

    say("  exports and newest values");
    const rows = await countObservations(town.url, access.token);
    const csvSeconds = await timeExport(town.url, access.token, "csv");
    const parquetSeconds = await timeExport(town.url, access.token, "parquet");
    await runLoad(target, { seconds: 2, devices: 4_000, "first-device": 40_000 });
    const latest = await timeLatest(town.url, access.token);

    return {
      idleMb,
      loadedMb: Math.max(loadedMb, memoryMb(town.child.pid).most),
      full,
      cpuMicrosPerMessage,
      tenth,
      tenthDuringExport: during.result,
      exportsDuringLoad: during.exports,
      mixed: mixed.result,
      mixedCpuMicrosPerMessage: (mixedCpu / mixed.result.acknowledged) * 1e6,
      mixedExports: mixed.exports,
      csvSecondsPerMillion: (csvSeconds / rows) * million,
      parquetSecondsPerMillion: (parquetSeconds / rows) * million,
      latestMs: latest.ms,
      latestCount: latest.count,
      bytesPerObservation: bytes / observations,
      observations,
    };
  } finally {
    await town.child.stop();
  }
}
