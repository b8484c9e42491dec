import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBase32 } from "./base32.ts";
import { createSecretSeal, newSecret } from "./secret.ts";
import { formatToken, parseToken } from "./token-text.ts";

const key = new Uint8Array(32).fill(7);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("createSecretSeal", () => {
  it("knows a secret again, for the same purpose, id and key only", () => {
    const seal = createSecretSeal(key);
    const claim = { purpose: "mqtt", id: "gateway", secret: bytes("s") } as const;
    const sealed = seal.seal(claim);
    expect(seal.matches(claim, sealed)).toBe(true);
    expect(seal.matches({ ...claim, purpose: "token" }, sealed)).toBe(false);
    expect(seal.matches({ ...claim, id: "gateway2" }, sealed)).toBe(false);
    expect(seal.matches({ ...claim, secret: bytes("t") }, sealed)).toBe(false);
    expect(seal.matches(claim, undefined)).toBe(false);
    expect(seal.matches(claim, "")).toBe(false);
    const other = createSecretSeal(new Uint8Array(32).fill(8));
    expect([other.matches(claim, sealed), other.fingerprint === seal.fingerprint]).toEqual([false, false]);
  });

  it("does the work of one hash for a right, a wrong, an unknown and an oversized secret alike", () => {
    const hashed: number[] = [];
    const seal = createSecretSeal(key, (_key, id, secret) => {
      hashed.push(id.length + secret.length);
      return new Uint8Array(32).fill(1);
    });
    const sealed = Buffer.alloc(32, 1).toString("base64");
    hashed.length = 0;
    const ask = (id: string, secret: string, stored: string | undefined): boolean =>
      seal.matches({ purpose: "mqtt", id, secret: bytes(secret) }, stored);
    expect(ask("gateway", "x".repeat(26), sealed)).toBe(true);
    expect(ask("gateway", "x".repeat(26), Buffer.alloc(32, 2).toString("base64"))).toBe(false);
    expect(ask("unknown", "x".repeat(26), undefined)).toBe(false);
    expect(ask("gateway", "x".repeat(65_535), sealed)).toBe(false);
    expect(ask("x".repeat(65_535), "x", sealed)).toBe(false);
    expect(hashed).toHaveLength(5);
    expect(Math.max(...hashed)).toBeLessThan(600);
  });

  it("does not mistake a piece of the id for a piece of the secret", () => {
    const seal = createSecretSeal(key);
    const sealed = seal.seal({ purpose: "mqtt", id: "ab", secret: bytes("c") });
    expect(seal.seal({ purpose: "mqtt", id: "a", secret: bytes("bc") })).not.toBe(sealed);
  });
});

describe("newSecret", () => {
  it("gives 128 bits, never the same twice", () => {
    const secrets = new Set(Array.from({ length: 1_000 }, newSecret));
    expect(secrets.size).toBe(1_000);
    expect([...secrets].every((secret) => /^[a-z2-7]{26}$/.test(secret))).toBe(true);
  });
});

describe("toBase32", () => {
  it.each([
    ["", ""],
    ["f", "my"],
    ["fo", "mzxq"],
    ["foo", "mzxw6"],
    ["foob", "mzxw6yq"],
    ["fooba", "mzxw6ytb"],
    ["foobar", "mzxw6ytboi"],
  ])("makes %j to %j (RFC 4648, 10, without padding)", (text, expected) =>
    expect(toBase32(bytes(text))).toBe(expected),
  );
});

describe("parseToken", () => {
  it("gives back what the token was made of", () => {
    const letters = (length: number) =>
      fc.array(fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz234567".split("")), {
        minLength: length,
        maxLength: length,
      });
    fc.assert(
      fc.property(letters(10), letters(26), (id, secret) => {
        const parts = { id: id.join(""), secret: secret.join("") };
        expect(parseToken(formatToken(parts))).toEqual(parts);
      }),
    );
  });

  it("gives nothing for any other text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^mn_[a-z2-7]{10}_[a-z2-7]{33}$/)), (text) => {
        const parts = parseToken(text);
        expect(parts === undefined || formatToken(parts) === text).toBe(true);
      }),
    );
  });
});
