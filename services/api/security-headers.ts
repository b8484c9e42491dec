import type { FastifyReply } from "fastify";

const headers = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

/** A year, in seconds (RFC 6797). */
const transportSecurity = "max-age=31536000";

/** On every answer; a route that needs others sets them itself. No CORS: pages of other origins get nothing. */
export function setSecurityHeaders(reply: FastifyReply, encrypted: "tls" | "plain"): void {
  void reply.headers(headers);
  if (encrypted === "tls") void reply.header("strict-transport-security", transportSecurity);
}
