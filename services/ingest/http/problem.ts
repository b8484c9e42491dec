import type { ServerResponse } from "node:http";

/** Every way in which the HTTP door says no. The type is `urn:messnetz:problem:<key>`, as in the API. */
const kinds = {
  "invalid-request": { status: 400, title: "The request is not as the description of the route says" },
  unauthenticated: { status: 401, title: "User name and password of a credential are needed" },
  "not-found": { status: 404, title: "There is nothing here" },
  "too-slow": { status: 408, title: "The body did not come in time" },
  "too-large": { status: 413, title: "The message is too large" },
  "unsupported-media-type": { status: 415, title: "The content type or coding is not understood here" },
  "too-many": { status: 429, title: "Too many at once" },
  internal: { status: 500, title: "A bug of the server" },
  unavailable: { status: 503, title: "The store takes nothing now" },
  "quarantine-full": { status: 507, title: "The message cannot be read, and the quarantine has no room for it" },
} as const;
export type DoorProblemKind = keyof typeof kinds;

/** A request that is not taken: nothing of it is kept. Of a batch: nothing from here on. */
export class DoorProblem extends Error {
  readonly kind: DoorProblemKind;
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: DoorProblemKind, detail: string, retryAfterSeconds?: number) {
    super(detail);
    this.name = "DoorProblem";
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get status(): number {
    return kinds[this.kind].status;
  }
}

/** When to come again where the store takes nothing. */
const storeRetrySeconds = 5;

export function unavailable(why: string): DoorProblem {
  return new DoorProblem(
    "unavailable",
    `expected a store that takes messages; ${why}. Keep what you have, and send it again`,
    storeRetrySeconds,
  );
}

/** On every answer of the door. */
export const safeHeaders = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
} as const;

/** RFC 9457. `close`: the connection ends after it, for its body was not read. */
export function sendProblem(response: ServerResponse, problem: DoorProblem, connection: "keep" | "close"): void {
  const { status, title } = kinds[problem.kind];
  const { retryAfterSeconds } = problem;
  const text = JSON.stringify({
    type: `urn:messnetz:problem:${problem.kind}`,
    title,
    status,
    detail: problem.message,
  });
  response.writeHead(status, {
    ...safeHeaders,
    "content-type": "application/problem+json",
    "content-length": Buffer.byteLength(text),
    ...(status === 401 && { "www-authenticate": 'Basic realm="messnetz", charset="UTF-8"' }),
    ...(status === 415 && { "accept-encoding": "gzip" }),
    ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
    ...(connection === "close" && { connection: "close" }),
  });
  response.end(text);
}
