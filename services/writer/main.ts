import process from "node:process";
import { ConsumerContradictionError, NatsSettingsError, StreamContradictionError } from "@messnetz/nats";
import { ConfigError } from "@messnetz/runtime";
import { runWriter } from "./run-writer.ts";

/** Their messages say what to do: no stack is needed. */
const plain = [ConfigError, ConsumerContradictionError, NatsSettingsError, StreamContradictionError];

try {
  await runWriter({ env: process.env });
} catch (error) {
  if (!plain.some((type) => error instanceof type)) throw error;
  process.stderr.write(`\nmessnetz writer: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
