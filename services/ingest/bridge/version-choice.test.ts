import * as fc from "fast-check";
import { expect, it } from "vitest";
import { createVersionChoice, type VersionAnswer } from "./version-choice.ts";

it("whatever a broker answers, both versions are tried again and again until one is accepted", () => {
  const answers = fc.array(fc.constantFrom<VersionAnswer>("refused", "silence", "other"), { maxLength: 30 });
  fc.assert(
    fc.property(answers, fc.constantFrom(4, 5), (list, understood) => {
      const choice = createVersionChoice(undefined);
      for (const answer of list) choice.heard(answer);
      // From now on the broker refuses what it does not understand, and takes the other.
      let tries = 0;
      while (choice.next() !== understood) {
        choice.heard("refused");
        expect(++tries).toBeLessThan(3);
      }
    }),
  );
});

it("an attempt that failed says nothing of the version", () => {
  const choice = createVersionChoice(undefined);
  for (let n = 0; n < 10; n++) expect([choice.heard("other"), choice.next()]).toEqual([false, 5]);
});
