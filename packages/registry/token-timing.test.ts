import { describe, expect, test } from "vitest";
import { createMemoryRegistry } from "./memory.ts";
import { newSecret } from "./secret.ts";
import { formatToken } from "./token-text.ts";

const samples = 20_000;
/** Beyond it the two are told apart (the threshold that leakage tests of hardware use: ISO/IEC 17825). */
const threshold = 4.5;

/** Welch's t of the values without the slowest twentieth, which are of the machine. */
function welch(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [one, other].map((values) => {
    const kept = values.toSorted((x, y) => x - y).slice(0, Math.floor(values.length * 0.95));
    const mean = kept.reduce((sum, x) => sum + x, 0) / kept.length;
    const variance = kept.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (kept.length - 1);
    return { mean, share: variance / kept.length };
  }) as [{ mean: number; share: number }, { mean: number; share: number }];
  return (a.mean - b.mean) / Math.sqrt(a.share + b.share);
}

describe.skipIf(process.env["MESSNETZ_TRIALS"] !== "full")("the time of a refusal (MESSNETZ_TRIALS=full)", () => {
  test(
    "does not tell a token that there is, with a wrong secret, from one that there is not",
    { timeout: 120_000 },
    async () => {
      const registry = await createMemoryRegistry();
      const { principal } = await registry.issueToken({ name: "known", operator: "*", scopes: ["read"] });
      const tokenOf = (id: string) => formatToken({ id, secret: newSecret() });
      const unknownId = `aaaaa${principal.id.slice(5)}`;
      const times: Record<"known" | "unknown", number[]> = { known: [], unknown: [] };
      for (let n = -samples; n < samples * 2; n++) {
        // Known and unknown in random order: what the machine does meanwhile meets both.
        const kind = Math.random() < 0.5 ? "known" : "unknown";
        const token = tokenOf(kind === "known" ? principal.id : unknownId);
        const begin = process.hrtime.bigint();
        const found = registry.authorise(token);
        const end = process.hrtime.bigint();
        expect(found).toBeUndefined();
        // The first are of a program that is not warm.
        if (n >= 0) times[kind].push(Number(end - begin));
      }
      expect(times.known.length).toBeGreaterThan(samples * 0.9);
      expect(Math.abs(welch(times.known, times.unknown))).toBeLessThan(threshold);
      await registry.close();
    },
  );
});
