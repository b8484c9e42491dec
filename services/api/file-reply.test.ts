import { once } from "node:events";
import { connect } from "node:net";
import { createLogger, createMetrics } from "@messnetz/runtime";
import { createMemoryAuditLog } from "@messnetz/store";
import { eventually } from "@messnetz/testing";
import { fastify } from "fastify";
import { afterEach, expect, test } from "vitest";
import { publicPrincipal } from "./access.ts";
import { apiConfigSchema, limitsOf } from "./config.ts";
import { createEvents } from "./events.ts";
import { createFileSender, type FileToSend } from "./file-reply.ts";
import { createRecorder } from "./recorder.ts";

let closing = new AsyncDisposableStack();
afterEach(async () => {
  await closing.disposeAsync();
  closing = new AsyncDisposableStack();
});

/** A server with one file, and what became of it. */
async function serve(file: (leave: () => Promise<void>) => Pick<FileToSend, "open">) {
  const metrics = createMetrics({ process: false });
  const events = createEvents(createLogger({ service: "test", form: "json", level: "silent" }), metrics);
  const audit = createMemoryAuditLog({ clock: () => 0 });
  const limits = limitsOf(apiConfigSchema.parse({ MESSNETZ_HTTP_EXPORTS: "1" }));
  const files = createFileSender({ limits, events, recorder: createRecorder(audit, events) });
  const server = fastify();
  server.decorateRequest("principal", undefined);
  server.decorateRequest("payer", undefined);
  server.get("/", async (request, reply) => {
    request.principal = publicPrincipal;
    request.payer = { kind: "address", key: "x" };
    const leave = async () => {
      request.raw.socket.destroy();
      await once(reply.raw, "close");
    };
    const format = { name: "csv", contentType: "text/csv" } as const;
    return files(request, reply, { ...file(leave), format, name: "x.csv", subject: "x", rows: () => 3 });
  });
  const { port } = new URL(await server.listen({ host: "127.0.0.1", port: 0 }));
  closing.defer(() => server.close());
  return {
    ask: () => {
      const socket = connect(Number(port), "127.0.0.1").on("error", () => undefined);
      closing.defer(async () => void socket.destroy());
      socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    },
    outcomes: async () => (await audit.list({ limit: 10 })).map(({ outcome, rows }) => [outcome, rows]),
  };
}

function source() {
  const seen = { isClosed: false };
  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(1000);
    } finally {
      seen.isClosed = true;
    }
  }
  return { seen, pieces };
}

test("a client that leaves after the first was read, before anything is sent, leaves nothing open", async () => {
  const { seen, pieces } = source();
  const server = await serve((leave) => ({
    async open(begin) {
      const begun = await begin(pieces());
      await leave();
      // What is written is made of it by generators that nobody will ever begin.
      return (async function* () {
        yield* begun;
      })();
    },
  }));
  server.ask();
  await eventually("its end to be recorded", async () => (await server.outcomes()).length === 2);
  expect((await server.outcomes())[0]).toEqual(["aborted", 3]);
  expect(seen.isClosed).toBe(true);
  // Its place is free again.
  server.ask();
  await eventually("the next one", async () => (await server.outcomes()).length === 4);
});

test("a client that leaves while the first is read is no failure of the store", async () => {
  const { seen, pieces } = source();
  const server = await serve((leave) => ({
    async open(begin) {
      await begin(pieces());
      await leave();
      throw new Error("the store was told to stop");
    },
  }));
  server.ask();
  await eventually("its end to be recorded", async () => (await server.outcomes()).length === 2);
  expect((await server.outcomes())[0]).toEqual(["aborted", 3]);
  expect(seen.isClosed).toBe(true);
});

test("what fails because the client has gone is counted as gone, not as failed", async () => {
  const server = await serve((leave) => ({
    open: () =>
      Promise.resolve(
        (async function* () {
          yield new Uint8Array(1000);
          await leave();
          throw new Error("premature close");
        })(),
      ),
  }));
  server.ask();
  await eventually("its end to be recorded", async () => (await server.outcomes()).length === 2);
  expect((await server.outcomes())[0]).toEqual(["aborted", 3]);
});
