import { crc32 } from "node:zlib";
import { toBase32 } from "./base32.ts";

export interface TokenParts {
  readonly id: string;
  readonly secret: string;
}

const pattern = /^mn_([a-z2-7]{10})_([a-z2-7]{26})([a-z2-7]{7})$/;

/** `mn_<id>_<secret><checksum>`: told apart from other secrets, and a slip of the pen found, without asking anybody. */
export function formatToken({ id, secret }: TokenParts): string {
  return `mn_${id}_${secret}${checksum(id, secret)}`;
}

/** Undefined where the text is no token, or mistyped. */
export function parseToken(text: string): TokenParts | undefined {
  const [, id, secret, check] = pattern.exec(text) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  return check === checksum(id, secret) ? { id, secret } : undefined;
}

function checksum(id: string, secret: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(`${id}_${secret}`));
  return toBase32(bytes);
}
