import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that start whole towns and regions and end them by force take up to a minute each: begun last, they would be waited for alone. */
const long = [
  /^services\/region\//,
  /^services\/town\//,
  /^services\/writer\//,
  /^services\/(?:ingest|api)\/process\//,
  /^services\/(?:command|simulator)\//,
  /^packages\/store\/(?:influx|duckdb)\/.*(?:kill|faults|store)\.test\.ts$/,
  /^packages\/registry\/nats-kv\//,
];

/** The long files first, in this order; the others as vitest has them. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = long.findIndex((pattern) => pattern.test(relative(this.ctx.config.root, moduleId)));
      return at === -1 ? long.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
