import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { isProfile, parseProfile } from "../profile.ts";

const folder = join(import.meta.dirname, "../../../profiles");
const profiles = globSync("*/*.yaml", { cwd: folder }).flatMap((file) => {
  const profile = parseProfile(parse(readFileSync(join(folder, file), "utf8")), file, "");
  return isProfile(profile) && profile.layout !== undefined ? [profile] : [];
});
const numRuns = process.env["MESSNETZ_TRIALS"] === "full" ? 20_000 : 200;

it("there are layouts", () => {
  expect(profiles.length).toBeGreaterThan(0);
});

it.each(profiles)("whatever bytes come, $name gives a plain object, a skip or a refusal, at once", (profile) => {
  const frames = profile.document.examples.flatMap(({ frame }) =>
    frame === undefined ? [] : [Buffer.from(frame, "hex")],
  );
  const ports = [...new Set(profile.document.layout!.frames.flatMap(({ ports: list }) => list ?? [1]))];
  const damaged = fc
    .tuple(
      fc.constantFrom(Buffer.from([0]), ...frames),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
      fc.nat(8),
    )
    .map(([frame, changes, cut]) => {
      const bytes = Uint8Array.from(frame);
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      return cut < 3 ? bytes.subarray(0, bytes.length - cut) : bytes;
    });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 255 }), damaged), fc.constantFrom(...ports), (bytes, port) => {
      const before = process.threadCpuUsage();
      const result = profile.layout!.read({ bytes, port, time: 0 });
      if ("decoded" in result) {
        expect(JSON.parse(JSON.stringify(result.decoded))).toEqual(result.decoded);
        for (const { value } of profile.read(result.decoded, { device: "lorawan:1", time: 0 }).readings) {
          if (typeof value === "number") expect(value).toSatisfy(Number.isFinite);
        }
      } else if ("problem" in result) {
        expect(result.problem.expected).not.toBe("");
      }
      // 255 bytes are read in microseconds; what does not end, or grows with the square, would take seconds.
      expect(process.threadCpuUsage(before).user).toBeLessThan(1_000_000);
    }),
    { numRuns },
  );
});
