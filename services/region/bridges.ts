import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

/** A credential of the registry whose devices speak to Mosquitto instead of to a door. */
export interface BridgedSource {
  /** Its id in the registry: tenant and rights of all that comes this way. */
  readonly source: string;
  readonly topics: readonly string[];
}

export interface BridgeOptions {
  readonly folder: string;
  readonly sector: string;
  readonly url: string;
  readonly username: string;
  readonly passwordFile: string;
  readonly bridged: readonly BridgedSource[];
}

/** Writes what `MESSNETZ_BRIDGES_FILE` of a sector's ingest names; resolves to its path, or undefined where nothing is bridged. */
export async function writeBridges(options: BridgeOptions): Promise<string | undefined> {
  const { folder, sector, url, username, passwordFile, bridged } = options;
  if (bridged.length === 0) return undefined;
  const brokers = bridged.map(({ source, topics }) => ({
    name: source,
    url,
    username,
    passwordFile,
    source,
    sessions: [{ name: source, topics: [...topics] }],
  }));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${sector}.yaml`);
  await writeFile(file, stringify({ brokers }), { mode: 0o600 });
  await chmod(file, 0o600);
  return file;
}
