import { domains } from "@messnetz/model";
import { createSimulatedTown } from "@messnetz/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BothTowns, type FilledTown, openBothTowns, type SentMessage } from "./both-towns.fixture.ts";
import { isFull, missingServers } from "./region-trial.fixture.ts";

const seed = 4711;
const inhabitants = isFull ? 8000 : 300;
const minuteMs = 60_000;
/** The night in which summer time begins in Berlin. */
const from = Date.UTC(2026, 2, 29, 0, 30);
const to = from + (isFull ? 180 : 30) * minuteMs;
const faults = { duplicate: 0.03, outage: 0.3, wrongClock: 0.1, sentinel: 0.05, stuck: 0.05, meterExchange: 0.2 };
/** Beginning of an interval that ends with the receipt. */
const hourMs = 60 * minuteMs;
/** A device clock that was set back to 1970 tells SenML some hours from now (RFC 8428, 4.5.3). */
const dayMs = 24 * hourMs;
const isoTime = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

describe.skipIf(missingServers.length > 0)(
  `the embedded town and a region (missing: ${missingServers.join(", ") || "nothing"})`,
  () => {
    const town = createSimulatedTown({ seed, inhabitants });
    const emissions = town.emissions({ from, to }, faults);
    const messages: readonly SentMessage[] = [...emissions, ...unreadable(emissions)];
    const startedAt = Date.now();
    let both: BothTowns;

    beforeAll(
      async () => {
        both = await openBothTowns(town, messages);
      },
      isFull ? 600_000 : 120_000,
    );
    afterAll(() => both?.[Symbol.asyncDispose](), 60_000);

    /** Times of receipt are those of this trial: they differ, and cursors, which hold one, with them. */
    function masked(text: string): string {
      return text.replaceAll(isoTime, (iso) => {
        const at = Date.parse(iso);
        return at > startedAt - hourMs && at < Date.now() + dayMs ? "<received>" : iso;
      });
    }

    async function linesOf(of: FilledTown, path: string): Promise<readonly string[]> {
      const reply = await of.get(path);
      const text = await reply.text();
      expect(reply.status, `${path}: ${text.slice(0, 300)}`).toBe(200);
      return masked(text)
        .replace(/"next":"[^"]+"/, '"next":"…"')
        .replaceAll("},{", "},\n{")
        .split("\n");
    }

    it.each([
      "things?limit=1000",
      "datastreams?limit=1000",
      "properties",
      ...domains.map((domain) => `latest?domain=${domain}`),
      "observations?domain=water&limit=500",
      "observations?property=water_temperature&limit=500",
      `observations?from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}&domain=energy&limit=1000`,
      "observations/export?format=ndjson",
      "observations/export?format=csv",
    ])("answer alike: %s", async (question) => {
      const path = `/api/v1/${question}`;
      const [expected, came] = await Promise.all([linesOf(both.embedded, path), linesOf(both.servers, path)]);
      expect(expected.length).toBeGreaterThan(2);
      expectEqualLines(came, expected);
    });

    it("answer alike: the ledger, of each source and device", async () => {
      const rowsOf = async ({ get }: FilledTown): Promise<readonly string[]> => {
        const { items } = (await (await get("/api/v1/ledger")).json()) as { items: Record<string, unknown>[] };
        // The day is that of receipt, which may have ended in between.
        return items.map((row) => JSON.stringify({ ...row, day: undefined })).toSorted();
      };
      const expected = await rowsOf(both.embedded);
      expect(expected.length).toBeGreaterThan(20);
      expectEqualLines(await rowsOf(both.servers), expected);
    });

    it("answer alike: the quarantine, with its bytes", async () => {
      const entriesOf = async ({ get }: FilledTown): Promise<readonly string[]> => {
        const items: { id: string }[] = [];
        for (let next: string | undefined = ""; next !== undefined;) {
          const cursor: string = next === "" ? "" : `&cursor=${next}`;
          const page = (await (await get(`/api/v1/quarantine?limit=1000${cursor}`)).json()) as {
            items: { id: string }[];
            next?: string;
          };
          items.push(...page.items);
          next = page.next;
        }
        const whole: string[] = [];
        // One after the other: thousands of connections at once would be turned away.
        for (const entry of items) {
          const reply = await get(`/api/v1/quarantine/${entry.id}/payload`);
          expect(reply.status).toBe(200);
          whole.push(masked(JSON.stringify({ ...entry, id: undefined, payload: await reply.text() })));
        }
        return whole.toSorted();
      };
      const expected = await entriesOf(both.embedded);
      expect(expected.length).toBeGreaterThan(10);
      expectEqualLines(await entriesOf(both.servers), expected);
      process.stdout.write(
        `same answers: ${messages.length} messages of ${town.devices.length} devices (seed ${seed}), ${expected.length} in quarantine\n`,
      );
    });
  },
);

/** Half of every twentieth message: of all formats. */
function unreadable(emissions: readonly SentMessage[]): readonly SentMessage[] {
  return emissions
    .filter((_, n) => n % 20 === 0)
    .map(({ source, topic, payload }) => ({ source, topic, payload: payload.slice(0, payload.length / 2) }));
}

/** The first lines that differ; all of them would be a book. */
function expectEqualLines(came: readonly string[], expected: readonly string[]): void {
  const differing = [...expected.keys()].filter((n) => came[n] !== expected[n]).slice(0, 3);
  expect({ lines: came.length, differing: differing.map((n) => came[n]) }).toEqual({
    lines: expected.length,
    differing: differing.map((n) => expected[n]),
  });
}
