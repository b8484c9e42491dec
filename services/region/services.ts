import { fileURLToPath } from "node:url";
import { checkHttp } from "./check-port.ts";
import type { PartSpec } from "./part.ts";

export type Variables = Readonly<Record<string, string>>;

const mains = {
  ingest: "../ingest/main.ts",
  writer: "../writer/main.ts",
  api: "../api/main.ts",
  region: "./main.ts",
} as const;

const compileCache = fileURLToPath(new URL("../../.bootstrap/compile-cache", import.meta.url));

/** One of our services as a process of its own, on the Node that runs this one. */
export function serviceSpec(options: {
  readonly name: string;
  readonly service: keyof typeof mains;
  readonly args?: readonly string[];
  readonly variables: Variables;
  /** Address that answers with 2xx when it can do its work; absent: it is taken for ready once it runs. */
  readonly readyUrl?: string;
}): PartSpec {
  const { name, service, args = [], variables, readyUrl } = options;
  return {
    name,
    command: process.execPath,
    args: [fileURLToPath(new URL(mains[service], import.meta.url)), ...args],
    env: {
      // A heap for every thread would cost 15 MB that nobody uses (mallopt(3)).
      MALLOC_ARENA_MAX: "2",
      // Nine processes compile much the same code: once is enough.
      NODE_COMPILE_CACHE: compileCache,
      ...variables,
    },
    check: async (signal) => (readyUrl === undefined ? undefined : checkHttp(readyUrl, signal)),
  };
}
