import type { QuarantineEntry } from "@messnetz/model";
import { expect, expectTypeOf, it } from "vitest";
import { stringify } from "yaml";
import type { z } from "zod";
import { toAsyncApi } from "./async-api.ts";
import { publishedSchemas, type quarantineEntrySchema, toPublishedSchema } from "./wire-schema.ts";

const docs = "../../../docs";
const names = Object.keys(publishedSchemas) as (keyof typeof publishedSchemas)[];

it.each(names)("keeps docs/schemas/%s.json as the code is: run the test with -u after a change", async (name) => {
  const text = `${JSON.stringify(toPublishedSchema(name), undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot(`${docs}/schemas/${name}.json`);
});

it("keeps docs/asyncapi.yaml as the code is: run the test with -u after a change", async () => {
  await expect(stringify(toAsyncApi(), { lineWidth: 150, aliasDuplicateObjects: false })).toMatchFileSnapshot(
    `${docs}/asyncapi.yaml`,
  );
});

it("refers to what is there", () => {
  const document = toAsyncApi();
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to!);
  expect(references.length).toBeGreaterThan(4);
  for (const reference of references) {
    const file = /^\.\/schemas\/(.+)\.json$/.exec(reference)?.[1];
    if (file !== undefined) expect(names).toContain(file);
    else expect(at(document, reference.replace("#/", "").split("/")), reference).toBeDefined();
  }
});

it("describes the entries of the quarantine as they are", () => {
  expectTypeOf<QuarantineEntry>().toExtend<
    z.input<typeof quarantineEntrySchema> extends infer Wire ? DeepReadonly<Wire> : never
  >();
  expect(names).toContain("quarantine-entry.v1");
});

type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}
