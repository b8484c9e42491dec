import { writeSync } from "node:fs";
import { openDuckDbStore } from "./store.ts";
import { trialBatch, trialOptions } from "./trial-batches.fixture.ts";

/** Commits trial batches `from`, `from + 1`, ... up to `to`, and writes the number of each to the standard output when it has resolved. */
const [directory = "", from = "0", to = "Infinity"] = process.argv.slice(2);

const store = await openDuckDbStore({ ...trialOptions, directory, checkpointMb: 1, recentIdentities: 500 });
writeSync(1, "open\n");
for (let n = Number(from); n < Number(to); n++) {
  await store.intake.commit(trialBatch(n));
  writeSync(1, `${n}\n`);
}
await store.close();
