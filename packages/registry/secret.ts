import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { toBase32 } from "./base32.ts";

/** What a secret is for: the same bytes seal differently for each. */
export type SecretPurpose = "mqtt" | "token";

export interface Claim {
  readonly purpose: SecretPurpose;
  /** Whose secret it is said to be. */
  readonly id: string;
  readonly secret: Uint8Array;
}

/**
 * Keeps secrets as HMAC-SHA-256 under a key that is not in the database. A fast hash is right here: the secrets are 128 random bits,
 * which no one can guess, so a slow one would protect nothing and turn a reconnect storm into an outage.
 */
export interface SecretSeal {
  /** As stored, base64. */
  seal(claim: Claim): string;
  /** In constant time; `sealed` undefined (nobody of that id) costs the same and is false. */
  matches(claim: Claim, sealed: string | undefined): boolean;
  /** Tells keys apart, and nothing else about them. */
  readonly fingerprint: string;
}

/** Ours have 26 characters and ids at most 64: what is longer is wrong, and not worth the hashing. */
const maxClaimBytes = 256;

type Digest = (key: Uint8Array, id: string, secret: Uint8Array) => Uint8Array;

/** `digest` is for tests that count the work. */
export function createSecretSeal(key: Uint8Array, digest: Digest = hmac): SecretSeal {
  const decoy = randomBytes(32).toString("base64");
  const nothing = new Uint8Array(0);

  function digestOf({ purpose, id, secret }: Claim): Uint8Array {
    return digest(key, `${purpose}\0${id}`, secret);
  }

  return {
    seal: (claim) => Buffer.from(digestOf(claim)).toString("base64"),
    matches(claim, sealed) {
      const fits = claim.secret.length <= maxClaimBytes && claim.id.length <= maxClaimBytes;
      const came = digestOf(fits ? claim : { purpose: claim.purpose, id: "", secret: nothing });
      const expected = Buffer.from(sealed ?? decoy, "base64");
      const equal = expected.length === came.length && timingSafeEqual(came, expected);
      return equal && fits && sealed !== undefined;
    },
    fingerprint: Buffer.from(digest(key, "fingerprint", nothing)).toString("base64"),
  };
}

function hmac(key: Uint8Array, id: string, secret: Uint8Array): Uint8Array {
  return createHmac("sha256", key).update(id).update("\0").update(secret).digest();
}

/** 128 random bits. */
export function newSecret(): string {
  return toBase32(randomBytes(16));
}
