export * from "./child-process.ts";
export * from "./eventually.ts";
export * from "./fake-clock.ts";
export * from "./free-port.ts";
export * from "./mosquitto.ts";
export * from "./program.ts";
export * from "./specimens.ts";
export * from "./temporary-folder.ts";
