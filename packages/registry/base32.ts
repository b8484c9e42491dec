/** RFC 4648, 6, in lower case: without 0, 1, 8 and 9, so that a secret can be read aloud and typed. */
const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** Base32 without padding: 16 bytes make 26 characters. */
export function toBase32(bytes: Uint8Array): string {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(buffer >>> (bits - 5)) & 31];
  }
  return bits === 0 ? text : text + alphabet[(buffer << (5 - bits)) & 31];
}
