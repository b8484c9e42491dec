import { globSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createProfileSet, exampleReceivedAt, type FormatExample, formats } from "@messnetz/formats";
import { catalogue, type Directory, sourceSchema } from "@messnetz/model";
import { createHistory, createPipeline, explain } from "@messnetz/pipeline";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "../../packages/formats");
const files = globSync("*.examples.ts", { cwd: folder }).toSorted();
const examples: FormatExample[] = [];
for (const file of files) {
  const content = (await import(pathToFileURL(join(folder, file)).href)) as {
    readonly examples?: readonly FormatExample[];
  };
  examples.push(...(content.examples ?? []));
}

const thing = { id: "thing-1", name: "Thing", domain: "environment", operator: "town" } as const;

test("of every example of every format an explanation gives the road's own readings and refusals", () => {
  let readings = 0;
  for (const { name, topic, payload, receivedAt = exampleReceivedAt, devices = {}, state, profiles = [] } of examples) {
    const bytes =
      payload instanceof Uint8Array
        ? payload
        : Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
    const source = sourceSchema.parse({ id: "door", operator: "town", topics: ["#"] });
    const directory = {
      version: 0,
      source: () => source,
      thing: () => thing,
      device: (id: string) => ({ device: { id, thing: thing.id, ...devices[id] }, thing }),
    } as Directory;
    const set = createProfileSet(profiles);
    const options = {
      formats,
      profiles: { profile: set.find },
      catalogue,
      directory,
      recall: (_source: string, _format: string, key: string) => state?.[key],
    };
    const road = createPipeline({ ...options, history: createHistory() });
    const { observations, refusals } = road({ topic, payload: bytes, receivedAt, source: "door" });
    const explained = explain({ topic, payload: bytes, receivedAt, source: "door" }, options);
    const short = explained.readings.map(({ datastream, value, time }) => `${datastream} ${value} ${time}`);
    expect(short, name).toEqual(observations.map((one) => `${one.datastream} ${one.result} ${one.phenomenonTime}`));
    expect(explained.refusals, name).toEqual(refusals);
    expect(explained.steps.length, name).toBeGreaterThan(0);
    readings += short.length;
  }
  expect(examples.length).toBeGreaterThan(150);
  expect(readings).toBeGreaterThan(300);
});
