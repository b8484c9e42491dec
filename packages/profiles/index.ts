export * from "./load-profiles.ts";
