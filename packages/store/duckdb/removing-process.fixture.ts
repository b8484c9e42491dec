import { writeSync } from "node:fs";
import { erase } from "../erasure.ts";
import { openDuckDbStore } from "./store.ts";
import { closingOptions } from "./trial-months.fixture.ts";

/** Erases all of a datastream and says how many it were; ends itself as hard as it can when a month comes to the step for so many times. */
const [directory = "", datastream = "", step = "", times = "1"] = process.argv.slice(2);
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
const { observations } = await erase(store, { observations: { datastreams: [datastream] }, quarantine: {} });
writeSync(1, `receipt ${observations}\n`);
process.kill(process.pid, "SIGKILL");
