import type { SecretFiles } from "./secret-files.ts";

/** How a service reaches InfluxDB: the variables of `@messnetz/store`. */
export type InfluxVariables = Readonly<Record<string, string>>;

export const influxRoles = ["writer", "reader"] as const;
/** `writer` reads and writes the database, `reader` reads it. */
export type InfluxRole = (typeof influxRoles)[number];

/** A server with the database and an account for each role. */
export interface InfluxAccess {
  readonly variables: Readonly<Record<InfluxRole, InfluxVariables>>;
}

export interface InfluxServer {
  readonly url: string;
  /** Name of the database, or of the bucket. */
  readonly database: string;
  readonly secrets: SecretFiles;
}

export const influxOrg = "messnetz";
export const influxAdministrator = "admin";
const requestTimeoutMs = 10_000;

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One request; rejects when nobody answers. */
export async function ask(url: string, request: RequestInit): Promise<Answer> {
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(requestTimeoutMs) });
  return { status: response.status, text: await response.text() };
}
