import { createHash } from "node:crypto";

export interface Digest {
  /** The same pieces, counted into the digest as they go by. */
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Of all that has gone by: when the last piece has, of the whole file. */
  value(): DigestValue;
}

export interface DigestValue {
  /** As `sha256sum` prints it and a sidecar `<name>.sha256` has it: `<hex>  <name>`. */
  readonly hex: string;
  /** Value of `Repr-Digest` or `Content-Digest` (RFC 9530), as a field or a trailer: `sha-256=:…:`. */
  readonly field: string;
  readonly bytes: number;
}

/** SHA-256 of a file while it goes by. */
export function createDigest(pieces: AsyncIterable<Uint8Array>): Digest {
  const hash = createHash("sha256");
  let bytes = 0;
  return {
    pieces: (async function* () {
      for await (const piece of pieces) {
        hash.update(piece);
        bytes += piece.length;
        yield piece;
      }
    })(),
    value() {
      const sum = hash.copy().digest();
      return { hex: sum.toString("hex"), field: `sha-256=:${sum.toString("base64")}:`, bytes };
    },
  };
}
