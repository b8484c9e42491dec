import { beforeAll, expect, it } from "vitest";
import { createSandbox, type LoadedCodec, type Sandbox } from "./sandbox.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
});

function load(source: string): LoadedCodec {
  const loaded = sandbox.load(source);
  if ("failed" in loaded) throw new Error(loaded.failed);
  return loaded;
}

function run(codec: LoadedCodec): unknown {
  const output = sandbox.run(codec, JSON.stringify({ bytes: [1], port: 1, time: 0 }));
  return "json" in output ? JSON.parse(output.json) : output;
}

function copiedBytes({ memory }: LoadedCodec): number {
  return memory.parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

const small = "function Decoder(bytes) { return { a: bytes[0] }; }";

it("a codec costs what it takes itself, not what others took before it", () => {
  const before = copiedBytes(load(small));
  const large = load("function Decoder() { return { a: new Uint8Array(5000000).fill(7).length }; }");
  expect(run(large)).toEqual({ data: { a: 5_000_000 } });
  const after = load(small);
  expect(run(after)).toEqual({ data: { a: 1 } });
  expect(before).toBeLessThan(400_000);
  expect(copiedBytes(after)).toBe(before);
});

it("zeros at the end of what a codec has allocated are zeros again, also where it made room by taking away what was there", () => {
  const codec = load(`
    for (var name of Object.getOwnPropertyNames(globalThis)) if (/Array|BigInt|Weak|Map|Set/.test(name)) delete globalThis[name].prototype;
    var last = Array(40000); for (var at = 0; at < 40000; at++) last[at] = 0;
    function Decoder() { var sum = 0; for (var at = 0; at < 40000; at++) { sum += last[at]; last[at] = 1; } return { a: sum }; }`);
  for (let times = 0; times < 3; times++) expect(run(codec)).toEqual({ data: { a: 0 } });
});

it("deep calls of one message leave nothing behind for the next", () => {
  const codec = load(`
    var depth = 0;
    function down(n) { depth++; return n === 0 ? depth : down(n - 1); }
    function Decoder() { return { a: down(300) }; }`);
  for (let times = 0; times < 3; times++) expect(run(codec)).toEqual({ data: { a: 301 } });
});
