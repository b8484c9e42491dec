import process from "node:process";
import { ConfigError } from "@messnetz/runtime";
import { runWriter } from "./run-writer.ts";

try {
  await runWriter({ env: process.env });
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`\nmessnetz writer: ${error.message}\n`);
  process.exitCode = 1;
}
