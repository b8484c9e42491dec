import { readFile } from "node:fs/promises";
import { ConfigError } from "@messnetz/runtime";
import type { ApiConfig } from "./config.ts";
import type { TlsFiles } from "./create-server.ts";

/** Certificate and key as the configuration names them; undefined where it names neither. Rejects where it names one, or a file cannot be read. */
export async function readTlsFiles(config: ApiConfig): Promise<TlsFiles | undefined> {
  const { MESSNETZ_HTTP_TLS_CERT: cert, MESSNETZ_HTTP_TLS_KEY: key } = config;
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    const names = ["MESSNETZ_HTTP_TLS_CERT", "MESSNETZ_HTTP_TLS_KEY"] as const;
    const [missing, given] = cert === undefined ? names : ([names[1], names[0]] as const);
    throw new ConfigError([{ variable: missing, expected: `a file, as ${given} names one`, came: `only ${given}` }]);
  }
  const [certificate, privateKey] = await Promise.all([readFile(cert), readFile(key)]);
  return { cert: certificate, key: privateKey };
}
