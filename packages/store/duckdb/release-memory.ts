import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Some megabytes hang on so many chunks of 2,048 rows. */
const chunksBetween = 48;

/**
 * Frees what DuckDB's chunks hold, called once for each that has been copied. A chunk is freed when V8 collects its handle, which there is no call
 * for; and as V8 knows nothing of the 100 kB behind a handle of 100 bytes, hundreds of megabytes would wait for it. Collecting what is young costs
 * half a millisecond.
 */
export function createMemoryReleaser(): () => void {
  let collect: ((options: { readonly type: "minor" }) => void) | undefined;
  let waiting = 0;
  return () => {
    waiting += 1;
    if (waiting < chunksBetween) return;
    waiting = 0;
    collect ??= findCollector();
    collect({ type: "minor" });
  };
}

function findCollector(): (options: { readonly type: "minor" }) => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as (options: { readonly type: "minor" }) => void;
}
