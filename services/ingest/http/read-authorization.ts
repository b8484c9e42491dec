/** User name and password, as they came. */
export interface Claim {
  readonly username: string;
  readonly password: Uint8Array;
}

/**
 * Of an `Authorization` header: `Basic` (RFC 7617), or `Bearer <user name>:<password>` for senders that can set no more than a token. Undefined
 * where it is neither.
 */
export function readAuthorization(header: string | undefined): Claim | undefined {
  const basic = /^Basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(header ?? "")?.[1];
  if (basic !== undefined) return divide(Buffer.from(basic, "base64"));
  const bearer = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
  // Node gives the bytes of headers as Latin-1.
  return bearer === undefined ? undefined : divide(Buffer.from(bearer, "latin1"));
}

/** A user name holds no colon (RFC 7617, 2). */
function divide(pair: Buffer): Claim | undefined {
  const colon = pair.indexOf(":");
  if (colon < 1) return undefined;
  return { username: pair.toString("utf8", 0, colon), password: pair.subarray(colon + 1) };
}
