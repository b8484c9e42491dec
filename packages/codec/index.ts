export * from "./codec-runner.ts";
