export * from "./binding.ts";
export * from "./config.ts";
export * from "./health.ts";
export * from "./log.ts";
export * from "./metrics.ts";
export * from "./operations-server.ts";
export * from "./seldom.ts";
export * from "./shutdown.ts";
