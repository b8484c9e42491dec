export * from "./config.ts";
export * from "./connect-nats.ts";
export * from "./declare-consumer.ts";
export * from "./declare-stream.ts";
export * from "./errors.ts";
export * from "./link.ts";
export * from "./publish-durably.ts";
