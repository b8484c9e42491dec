// Ingest as a process of its own: MQTT door and bridges before NATS. Settings are MESSNETZ_* variables.
import process from "node:process";
import { runIngest } from "./process/run-ingest.ts";
import { isPlainTrouble, remedyFor } from "./process/settings-error.ts";

try {
  await runIngest(process.env);
} catch (error) {
  if (!isPlainTrouble(error)) throw error;
  const remedy = remedyFor(error);
  process.stderr.write(`\nmessnetz ingest: ${error.message}\n${remedy === undefined ? "" : `${remedy}\n`}`);
  process.exitCode = 1;
}
