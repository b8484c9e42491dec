export * from "./format.ts";
export * from "./profile.ts";
