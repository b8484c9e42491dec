import { writeSync } from "node:fs";
import { openDuckDbStore } from "./store.ts";
import { closingOptions, scatteredRows } from "./trial-months.fixture.ts";

/**
 * Writes rows number `from`, `from + 1`, ... and closes months after each, and says the number of each write that has resolved. Ends itself
 * as hard as it can when a month comes to the step, where one is named, for the last of so many times.
 */
const [directory = "", from = "0", step = "", times = "1"] = process.argv.slice(2);
let met = 0;

const store = await openDuckDbStore({
  ...closingOptions,
  directory,
  onEvent(event) {
    if (event.kind !== "month" || event.step !== step) return;
    met += 1;
    if (met === Number(times)) process.kill(process.pid, "SIGKILL");
  },
});
writeSync(1, "open\n");
const closings: Promise<unknown>[] = [];
for (let n = Number(from); ; n++) {
  await store.observations.write(scatteredRows(n));
  writeSync(1, `${n}\n`);
  // It goes on while the next are written.
  if (n % 4 === 3) await Promise.all(closings.splice(0));
  closings.push(store.months.close());
}
