// A writer that kills itself between two steps: `MESSNETZ_TRIALS=<step>:<nth>`, for example `after-append:3`.
import process from "node:process";
import { runWriter } from "./run-writer.ts";

const [step, nth] = (process.env["MESSNETZ_TRIALS"] ?? "").split(":");
let seen = 0;

await runWriter({
  env: process.env,
  onStep(at) {
    if (at === step && ++seen === Number(nth)) process.kill(process.pid, "SIGKILL");
  },
});
