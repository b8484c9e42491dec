import * as fc from "fast-check";
import { expect, it } from "vitest";
import { changeTexts, parseChangeText } from "./change-text.ts";
import { documentKey } from "./document-key.ts";

const anyText = fc.string({ unit: "binary", minLength: 1, maxLength: 20 });
const anyId = fc.oneof(anyText, fc.constantFrom("a.b", "a=2Eb", "*", ">", "ä", "\ud800", "\udfff", "=u00E4", "=E4"));

it("gives each id a key of its own that NATS takes", () => {
  fc.assert(
    fc.property(anyId, anyId, (one, other) => {
      expect(documentKey("device", one)).toMatch(/^device\.[-/_=a-zA-Z0-9]+$/);
      expect(documentKey("device", one) === documentKey("device", other)).toBe(one === other);
    }),
    { numRuns: 2_000 },
  );
});

it("reads what it wrote, in as many texts as were needed, none of them too long", () => {
  const anyChange = fc.record({ kind: anyText, id: anyId, body: fc.json() }, { requiredKeys: ["kind", "id"] });
  fc.assert(
    fc.property(fc.array(anyChange, { minLength: 1 }), fc.integer({ min: 2_000, max: 5_000 }), (changes, maxBytes) => {
      fc.pre(changes.every(({ body }) => (body?.length ?? 0) < 500));
      const texts = changeTexts(changes, maxBytes);
      expect(texts.every((text) => Buffer.byteLength(text) <= maxBytes)).toBe(true);
      const same = changes.map(({ body, ...rest }) =>
        body === undefined ? rest : { ...rest, body: JSON.stringify(JSON.parse(body)) },
      );
      expect(texts.flatMap((text) => parseChangeText(text))).toEqual(same);
    }),
  );
});

it("refuses a document that no message can hold", () => {
  const change = { kind: "device", id: "a", body: JSON.stringify("x".repeat(1_000)) };
  expect(() => changeTexts([change], 500)).toThrow(/device a: expected at most 500 bytes/);
});
