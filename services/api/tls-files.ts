import { readFile } from "node:fs/promises";
import type { ApiConfig } from "./config.ts";
import type { TlsFiles } from "./create-server.ts";

/** Certificate and key as the configuration names them; undefined where it names neither. Rejects where it names one, or a file cannot be read. */
export async function readTlsFiles(config: ApiConfig): Promise<TlsFiles | undefined> {
  const { MESSNETZ_HTTP_TLS_CERT: cert, MESSNETZ_HTTP_TLS_KEY: key } = config;
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    const came = cert === undefined ? "MESSNETZ_HTTP_TLS_KEY" : "MESSNETZ_HTTP_TLS_CERT";
    throw new Error(`expected MESSNETZ_HTTP_TLS_CERT and MESSNETZ_HTTP_TLS_KEY, or neither; came only ${came}`);
  }
  const [certificate, privateKey] = await Promise.all([readFile(cert), readFile(key)]);
  return { cert: certificate, key: privateKey };
}
