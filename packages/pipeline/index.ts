export * from "./road.ts";
