export { writerConfigSchema } from "./config.ts";
