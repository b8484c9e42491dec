import { toChunk, toIso } from "@messnetz/model";
import { expect, test } from "vitest";
import { catalogue, collect, observations, source } from "./example-observations.fixture.ts";
import { ndjson } from "./ndjson.ts";

test("each line is one observation, and what is absent is absent", async () => {
  const bytes = await collect(ndjson.write(source([toChunk(observations)]), { catalogue }));
  const lines = new TextDecoder().decode(bytes).split("\n");
  expect(lines.pop()).toBe("");
  const expected = observations.map(
    ({ phenomenonTime, resultTime, intervalStart, deviceTime, datastream, result, quality, checks }) => {
      const [thing, rest] = datastream.split("/") as [string, string];
      const [property, channel] = rest.split(".") as [string, string?];
      return {
        datastream,
        thing,
        property,
        ...(channel === undefined ? {} : { channel }),
        phenomenonTime: toIso(phenomenonTime),
        ...(intervalStart === undefined ? {} : { intervalStart: toIso(intervalStart) }),
        result,
        unit: catalogue.get(property)!.unit,
        quality,
        checks,
        resultTime: toIso(resultTime),
        ...(deviceTime === undefined ? {} : { deviceTime: toIso(deviceTime) }),
      };
    },
  );
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(expected);
});

test("the same lines come, however the rows are cut into chunks", async () => {
  const whole = await collect(ndjson.write(source([toChunk(observations)]), { catalogue }));
  const cut = observations.map((observation) => toChunk([observation]));
  expect(await collect(ndjson.write(source(cut), { catalogue }))).toEqual(whole);
});
