import { hash } from "node:crypto";
import type { FastifyReply } from "fastify";
import type { ApiContext, ApiServer } from "./api-server.ts";

/** How long an answer about a settled span may be used without asking again, in seconds: so late a correction or an erasure is seen. */
const settledSeconds = 300;

/**
 * Marks a good answer as one that its receiver may keep, for itself: it gets an `ETag`, and a repeated question with it costs a 304. `settled`
 * answers may be used again for some minutes; every other one must be asked for, for late data, corrections and erasures change the past too.
 */
export function letKeep(reply: FastifyReply, how: "ask-again" | "settled" = "ask-again"): void {
  const age = how === "settled" ? `max-age=${settledSeconds}` : "no-cache";
  void reply.header("cache-control", `private, ${age}`).header("vary", "authorization");
}

/** Whether a span that ends before `to` is over for so long that late data is rare. */
export function isSettled(to: number | undefined, { clock, limits }: Pick<ApiContext, "clock" | "limits">) {
  return to !== undefined && to <= clock() - limits.settledMs ? "settled" : "ask-again";
}

/**
 * Gives the answers that `letKeep` marked an entity tag (RFC 9110, 8.8.3) over their content, and answers 304 to who has it already. Weak, as the
 * same content may come in several encodings.
 */
export function addEntityTags(server: ApiServer): void {
  server.addHook("onSend", async (request, reply, payload) => {
    if (reply.statusCode !== 200 || !isKept(reply) || !(typeof payload === "string" || Buffer.isBuffer(payload)))
      return payload;
    const tag = String(reply.getHeader("etag") ?? tagOf(payload));
    void reply.header("etag", tag);
    if (!matches(request.headers["if-none-match"], tag)) return payload;
    void reply.code(304).removeHeader("content-type").removeHeader("content-length");
    return "";
  });
}

/** For an answer whose text changes though its content does not: as the header `etag` it stands in place of the tag over the text. */
export function tagOf(content: string | Buffer): string {
  return `W/"${hash("sha1", content, "base64url")}"`;
}

function isKept(reply: FastifyReply): boolean {
  return String(reply.getHeader("cache-control")).startsWith("private");
}

/** RFC 9110, 13.1.2: a list of tags, or `*` for any; compared weakly. */
function matches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const opaque = tag.slice(2);
  return header.split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === opaque);
}
