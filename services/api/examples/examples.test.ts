import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { refusal } from "@messnetz/model";
import { aMessage, anIntakeMessage, anObservation } from "@messnetz/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noon, type RunningTown, startExampleTown } from "../example-town.fixture.ts";
import { exampleAddress, exampleRequests } from "./example-requests.ts";
import { answers, type ExampleAnswer } from "./with-examples.ts";

const hourMs = 3_600_000;
const answersFile = new URL("./example-answers.json", import.meta.url);
/** Written anew by: UPDATE_EXAMPLES=1 npm test -- services/api/examples */
const isWriting = process.env["UPDATE_EXAMPLES"] !== undefined;

let town: RunningTown;
let came: ReadonlyMap<string, ExampleAnswer>;
let described: Readonly<Record<string, Readonly<Record<string, object>>>>;

beforeAll(async () => {
  const levels = [...hours("2026-02-10T00:00:00Z", 3), ...hours("2026-03-27T00:00:00Z", 36)].map((phenomenonTime, n) =>
    anObservation({
      datastream: "weir-1/water_level",
      phenomenonTime,
      resultTime: phenomenonTime,
      result: 1 + n / 100,
    }),
  );
  const volumes = hours("2026-03-25T00:00:00Z", 84).map((phenomenonTime, n) =>
    anObservation({
      datastream: "meter-1/water_volume",
      phenomenonTime,
      resultTime: phenomenonTime,
      result: 725 + n / 8,
    }),
  );
  const unread = anIntakeMessage({
    message: aMessage({ source: "waterworks-door", receivedAt: noon, topic: "gauges/weir-1", payload: "1,23 m" }),
    device: "dev:weir-1",
    observations: [],
    refusals: [refusal("malformed", "a number", "1,23 m")],
  });
  town = await startExampleTown({ observations: [...levels, ...volumes], messages: [unread] });
  await town.registry.putThing({ id: "meter-1", name: "Meter at the mill", domain: "water", operator: "waterworks" });
  described = (await town.get("/openapi.json", "")).body["paths"] as typeof described;
  came = await askAll();
});
afterAll(() => town.close());

function hours(from: string, count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => Date.parse(from) + n * hourMs);
}

/** What chance and the clock decide, by what stands for it in the examples. */
function createStandIns() {
  const ids = new Map<string, string>();
  const replace = (text: string, found: ReadonlyMap<string, string>) =>
    [...found].reduce((rest, [one, other]) => rest.replaceAll(one, other), text);
  return {
    learn: (real: string, shown: string) => void ids.set(real, shown),
    real: (text: string) => replace(text, new Map([...ids].map(([one, other]) => [other, one]))),
    shown: (text: string) =>
      replace(text, ids)
        .replaceAll(/"(issuedAt|revokedAt|removedAt)":"[^"]+"/g, '"$1":"2026-03-28T12:00:00.000Z"')
        .replaceAll(/"secret":"[a-z0-9]+"/g, '"secret":"qk3vyt5zj7cm2xw4nd6rh8pbsf"')
        .replaceAll(/\bmn_[a-z0-9]{10}_[a-z0-9]{20,}/g, "mn_7hq2k4xw3p_4zt6yv2kq8xw3mpc5rjd7hnb9gsf4a2e6zvk")
        .replaceAll(/"(hash|previous|before|head)":"[0-9a-f]{64}"/g, `"$1":"${"5f".repeat(32)}"`),
  };
}

/** Of long answers, what an example needs. */
const shortened: Readonly<Record<string, (body: string) => string>> = {
  "get /api/v1/properties": (body) => {
    const { items } = JSON.parse(body) as { readonly items: readonly { readonly key: string }[] };
    return JSON.stringify({ items: items.filter(({ key }) => key === "water_level") });
  },
  "get /api/v1/tokens": (body) => {
    const { items } = JSON.parse(body) as { readonly items: readonly { readonly name: string }[] };
    return JSON.stringify({ items: items.filter(({ name }) => name !== "test") });
  },
  "get /metrics": (body) => /^# HELP messnetz_api_requests_total.*\n.*\n.*/m.exec(body)![0],
  "get /openapi.json": (body) => {
    const { openapi, info } = JSON.parse(body) as Record<string, unknown>;
    return JSON.stringify({ openapi, info });
  },
  "get /docs": (body) => body.slice(0, "<!doctype html>".length),
};

/** What the door answers, a town with one is asked in its own test: here there is none. */
const isOfDoor = (route: string) => route.includes("/api/v1/messages");

async function askAll(): Promise<ReadonlyMap<string, ExampleAnswer>> {
  const standIns = createStandIns();
  const [{ id: testers } = { id: "" }] = town.registry.tokens();
  standIns.learn(testers, "2mfw5y7dqa");
  const found = new Map<string, ExampleAnswer>();
  for (const [route, request] of Object.entries(exampleRequests)) {
    if (isOfDoor(route)) {
      if (answers[route] !== undefined) found.set(route, answers[route]);
      continue;
    }
    const address = standIns.real(exampleAddress(route, request));
    const { status, headers, text } = await town.send(route.split(" ")[0]!.toUpperCase(), address, request);
    if (route === "post /api/v1/tokens") standIns.learn((JSON.parse(text) as { id: string }).id, "7hq2k4xw3p");
    if (route === "post /api/v1/removals")
      standIns.learn((JSON.parse(text) as { id: string }).id, "0d9cb8a4-5f0e-4c5c-9a39-6f6a2a1b7c11");
    const type = headers.get("content-type")?.split(";")[0];
    const shown = standIns.shown((shortened[route] ?? ((body) => body))(text));
    found.set(route, {
      status,
      ...(type !== undefined && text !== "" && { type, body: type.endsWith("json") ? JSON.parse(shown) : shown }),
    });
  }
  if (isWriting) await writeFile(answersFile, `${JSON.stringify(Object.fromEntries(found), undefined, 2)}\n`);
  return found;
}

test.each(Object.keys(exampleRequests))("%s is answered as its example says", (route) => {
  const { [route]: example } = isWriting ? Object.fromEntries(came) : answers;
  expect(came.get(route)).toEqual(example);
  expect(example?.status).toBeLessThan(300);
});

test("every route has an example of its request and of its answer in the description, and no other has", async () => {
  const routes = Object.entries(described).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(Object.keys(exampleRequests).toSorted()).toEqual(routes.toSorted());
  expect(Object.keys(JSON.parse(await readFile(answersFile, "utf8")) as object)).toEqual(Object.keys(exampleRequests));
  for (const route of routes) {
    const [method, path] = route.split(" ") as [string, string];
    const operation = JSON.stringify(described[path]![method]);
    const { body, query, path: place } = exampleRequests[route]!;
    const asked = [body, ...Object.values({ ...query, ...place })].filter((value) => value !== undefined).length;
    const answered = answers[route]?.body === undefined ? 0 : 1;
    expect(operation.split('"example":').length - 1, route).toBe(asked + answered);
  }
});
