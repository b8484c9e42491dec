import type { FastifyReply, FastifyRequest } from "fastify";
import { outcomes, refusalCodes } from "@messnetz/model";
import { z } from "zod";
import type { Resource } from "../api-server.ts";
import { Problem } from "../problem.ts";
import { describeRoute } from "../route-description.ts";

const refusalSchema = z.object({
  code: z.enum(refusalCodes),
  expected: z.string().describe("What was expected, and what to do about it."),
  came: z.string(),
  reading: z.string().optional().describe("The reading concerned; absent: all of the message."),
  device: z.string().optional(),
});

const outcomeSchema = z
  .object({
    outcome: z
      .enum(outcomes)
      .exclude(["refused"])
      .describe(
        "How it ended. `partial` and `quarantined` wait in the quarantine with their bytes; `duplicate`: all of it was there.",
      ),
    observations: z.int().describe("How many it brought; of a duplicate they were there."),
    receivedAt: z.string().describe("The time that readings without one have. Of a repeat the first."),
    refusals: z.array(refusalSchema).optional().describe("What could not be read, at most ten."),
    moreRefusals: z.int().optional(),
    quarantine: z.string().optional().describe("Id of the entry: `/api/v1/quarantine/<id>`."),
  })
  .meta({ id: "MessageOutcome", description: "What became of a message that is durable." });

/** RFC 9110, 8.3.1, without its parameters. */
const mediaType = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+[ \t]*(?:;|$)/;
const ndjson = "application/x-ndjson";
const lines = z
  .string()
  .describe(
    "A line of JSON for each line or item, in their order, when it is durable: `line` (its number), `outcome`, and what stands in `MessageOutcome` " +
      "(without `receivedAt`). `rejected`: it was no message, nothing of it is kept; `refused`: it cannot be read and the quarantine has no room. The last " +
      "line is `summary`: counts, of which `lines` is the sum, and `complete`. An answer that breaks off before it is not whole: send the same again.",
  );
const each = z
  .enum(["line", "item"])
  .optional()
  .describe(
    "The body is many messages: its lines, or the elements of a JSON array. Each is a message as it stands there.",
  );
const problems = ["not-found", "too-slow", "too-large", "unsupported-media-type", "quarantine-full"] as const;
const promise =
  "A 2xx means stored, durably. A message that cannot be read is kept too, in the quarantine, and answered with 200 and the reason: to send it " +
  "again would not help. 503: nothing of it counts as stored; send it again after `Retry-After`. What is sent again changes nothing where its readings " +
  "have times. Where they have none, send it with the same `Idempotency-Key` within an hour: it keeps the time at which it first came. " +
  "`Content-Encoding: gzip` is understood.";

/** Where devices and network servers post to. The door itself is another's: what comes is handed on as it is, its body unread. */
export const messages: Resource = (server, { messages: door }) => {
  const take = async (request: FastifyRequest, reply: FastifyReply) => {
    if (door === undefined)
      throw new Problem("not-found", "expected the HTTP door of an ingest service; this process takes no messages");
    reply.hijack();
    door.handle(request.raw, reply.raw, request.ip);
  };
  const headers = z.object({
    "idempotency-key": z
      .string()
      .optional()
      .describe("Up to 128 letters, digits and `_ . : -`: what is sent again with it keeps its first time of receipt."),
  });

  const one = describeRoute({
    resource: "messages",
    access: "device",
    summary: "Send a message",
    description:
      "The same as a publish to this topic at the MQTT door: the same credentials, topics, limits, and what becomes of it. Slashes of the topic are " +
      `those of the path; other characters are percent-encoded. Any content type: the body is the message, as it is, a JSON array too.\n\n${promise}\n\n` +
      "With `each` the body is many messages of one topic, of any number, and the answer has a line for each.",
    problems,
  });
  const many = describeRoute({
    resource: "messages",
    access: "device",
    summary: "Send many messages of several topics",
    description:
      "For a back-fill, of any number: each line (`application/x-ndjson`), or each element of an array (`application/json`), is `{ topic, payload, " +
      "receivedAt? }`. `payload` is JSON, or a text that stands for itself; `payloadBase64` in its place is bytes. `receivedAt`: when whoever kept the " +
      "message received it, for readings without a time.\n\nLines that are no such thing get their answer and stop nobody. The answer comes while the body " +
      `is sent, and holds it back: read while you send, or send at most 10,000 lines at a time.\n\n${promise}`,
    problems,
  });

  void server.register(async (scope) => {
    // The body is for the door.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _body, done) => done(null));
    scope.setValidatorCompiler(() => () => true);
    // Some devices name a type that is none; it is not what tells a message's format.
    scope.addHook("onRequest", async ({ raw }) => {
      if (!mediaType.test(raw.headers["content-type"] ?? "")) delete raw.headers["content-type"];
    });
    scope.post(
      "/api/v1/messages/*",
      {
        ...one,
        schema: {
          ...one.schema,
          params: z.object({ topic: z.string().describe("`waterworks/gauge-1/up`") }),
          querystring: z.strictObject({ each }),
          headers,
          consumes: ["application/json", "application/cbor", "application/octet-stream", "text/plain", ndjson],
          body: z.unknown().describe("The message, as the device says it."),
          response: {
            ...one.schema.response,
            200: {
              description: "It is durable. With `each`: what was answered is.",
              content: { "application/json": { schema: outcomeSchema }, [ndjson]: { schema: lines } },
            },
          },
        },
      },
      take,
    );
    scope.post(
      "/api/v1/messages",
      {
        ...many,
        schema: {
          ...many.schema,
          querystring: z.strictObject({ each }),
          headers,
          consumes: [ndjson, "application/json"],
          body: z.unknown().describe("Items, one on each line or in an array."),
          response: {
            ...many.schema.response,
            200: { description: "What was answered is durable.", content: { [ndjson]: { schema: lines } } },
          },
        },
      },
      take,
    );
  });
};
