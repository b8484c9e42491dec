import { type IntakeMessage, type ReceivedRow, rowFlags } from "@messnetz/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareLedgerRows, type Tally, TallySheet, toLedgerRow } from "./ledger-tally.ts";
import { createMemoryStore } from "./memory.ts";
import { batch, message, observation, start } from "./samples.fixture.ts";
import { fates, tallyRefusals, tallyRows } from "./tally-rows.ts";

const rowOf = fc.record({
  day: fc.constantFrom("2026-03-01", "2026-03-02"),
  source: fc.constantFrom("a", "b"),
  device: fc.constantFrom("", "x:1"),
  observations: fc.nat(3),
  flags: fc.constantFrom(0, ...Object.values(rowFlags)),
});
const fateOf = fc.constantFrom(...Object.values(fates));

function rowsOf(tallies: readonly Tally[]) {
  const sheet = new TallySheet();
  for (const tally of tallies) sheet.add(tally);
  return [...sheet.tallies()].map(toLedgerRow).sort(compareLedgerRows);
}

describe("rows of received messages", () => {
  it("end as their messages end in the embedded store", async () => {
    const received = fc.record({ times: fc.array(fc.nat(9), { maxLength: 3 }), repeated: fc.boolean() });
    const check = async (all: readonly { times: readonly number[]; repeated: boolean }[]): Promise<void> => {
      const store = createMemoryStore({ quarantine: { maxBytes: 0, maxAgeMs: 1 } });
      const seen = new Set<number>();
      const fatesOf: number[] = [];
      const messages = all.map(({ times, repeated }): IntakeMessage => {
        for (const time of times) {
          fatesOf.push(seen.has(time) ? fates.repeated : fates.added);
          seen.add(time);
        }
        return message({
          repeated,
          observations: times.map((time) => observation({ phenomenonTime: start + time })),
        });
      });
      await store.intake.commit(batch(...messages));
      const rows = messages.map(({ day, device, message: { source }, observations, repeated }): ReceivedRow => {
        return { day, device, source, observations: observations.length, flags: repeated ? rowFlags.repeated : 0 };
      });
      expect(rowsOf(tallyRows(rows, Uint8Array.from(fatesOf)))).toEqual(await store.ledger.rows({}));
    };
    await fc.assert(fc.asyncProperty(fc.array(received, { maxLength: 8 }), check));
  });

  it("end once each, whatever their flags say", () => {
    fc.assert(
      fc.property(fc.array(rowOf), fc.array(fateOf, { minLength: 300, maxLength: 300 }), (rows, all) => {
        const counted = rows.filter(({ flags }) => flags !== rowFlags.continued).length;
        const sum = rowsOf(tallyRows(rows, Uint8Array.from(all))).reduce((total, row) => total + row.received, 0);
        expect(sum).toBe(counted);
      }),
    );
  });

  it("want a fate for each observation", () => {
    const row = { day: "2026-03-01", source: "a", device: "", observations: 2, flags: 0 };
    expect(() => tallyRows([row], new Uint8Array(1))).toThrow("expected a fate for each of 2 observations, came 1");
  });

  it("are corrected to what they would have been without what the store refused", () => {
    const refusedOf = fc.uniqueArray(fc.nat(20));
    fc.assert(
      fc.property(
        fc.array(rowOf),
        fc.array(fateOf, { minLength: 300, maxLength: 300 }),
        refusedOf,
        (rows, all, refused) => {
          const gone = new Set(refused);
          const before = tallyRows(rows, Uint8Array.from(all));
          const parts = refused.map((index) => ({ index, quarantine: "kept" }) as const);
          const correction = tallyRefusals(rows, Uint8Array.from(all), parts);

          let from = 0;
          const kept: number[] = [];
          const wanted = rows.map((row) => {
            const own = Array.from({ length: row.observations }, (_, n) => from + n);
            from += row.observations;
            const left = own.filter((index) => !gone.has(index));
            kept.push(...left.map((index) => all[index]!));
            const isTouched =
              left.length < own.length && row.flags !== rowFlags.full && row.flags !== rowFlags.continued;
            return { ...row, observations: left.length, flags: isTouched ? rowFlags.kept : row.flags };
          });
          const withoutNothing = (list: ReturnType<typeof rowsOf>) =>
            list.filter(({ received, observations }) => received !== 0 || observations !== 0);
          expect(withoutNothing(rowsOf([...before, ...correction]))).toEqual(
            withoutNothing(rowsOf(tallyRows(wanted, Uint8Array.from(kept)))),
          );
        },
      ),
    );
  });
});
