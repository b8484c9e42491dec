import { readFile } from "node:fs/promises";
import type { BridgePlan } from "./bridge-file.ts";

/** What a broker is shown. */
export interface BrokerAccess {
  readonly password?: Buffer;
  readonly tls?: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

/** Reads the files anew for each attempt, so that a secret may be changed while the process runs. Rejects with which one cannot be read. */
export async function readAccess({ passwordFile, tls }: BridgePlan["broker"]): Promise<BrokerAccess> {
  const password = await read("passwordFile", passwordFile);
  const [ca, cert, key] = await Promise.all([
    read("tls.ca", tls?.ca),
    read("tls.cert", tls?.cert),
    read("tls.key", tls?.key),
  ]);
  return {
    ...(password !== undefined && { password: withoutLineEnd(password) }),
    tls: { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) },
  };
}

async function read(what: string, path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Error(`expected a readable file in ${what}, came ${path}`, { cause });
  }
}

/** Editors end a file with a line end, which no password has. */
function withoutLineEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end--;
  return bytes.subarray(0, end);
}
