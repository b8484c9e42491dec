import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { createLogger, createShutdown } from "@messnetz/runtime";
import { createTemporaryFolder, eventually } from "@messnetz/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { townConfigSchema } from "./config.ts";
import { openTown, type Town } from "./town.ts";

const opened = new AsyncDisposableStack();
let town: Town;
let url: string;
let password: string;
let token: string;
const mac = "urn:dev:mac:02005e10ffff";

beforeAll(async () => {
  const folder = opened.use(await createTemporaryFolder());
  const log = createLogger({ service: "town", form: "json", level: "silent" });
  const shutdown = createShutdown({ log, stepTimeoutMs: 10_000 });
  opened.defer(async () => void (await shutdown.close("the test is over")));
  town = await openTown({
    config: townConfigSchema.parse({
      MESSNETZ_MQTT_PORT: "0",
      MESSNETZ_HTTP_PORT: "0",
      MESSNETZ_HTTP_DOOR_BODY_TIMEOUT_MS: "300",
      MESSNETZ_MQTT_MAX_PACKET_BYTES: "20000",
    }),
    tls: undefined,
    plans: [],
    dataDirectory: folder.path,
    log,
    shutdown,
  });
  url = town.api.address!;
  const { registry } = town;
  await registry.putOperator({ id: "guest", name: "Guest" });
  await registry.putThing({ id: "your-gauge", name: "Gauge", domain: "water", operator: "guest" });
  await registry.putDevice({ id: mac, thing: "your-gauge" });
  ({ secret: password } = await registry.issueCredential({
    id: "guest",
    operator: "guest",
    topics: ["guest/#"],
    adopt: [],
  }));
  ({ token } = await registry.issueToken({
    name: "all",
    operator: "*",
    scopes: ["admin", "read", "export", "quarantine", "ledger"],
  }));
}, 60_000);
afterAll(() => opened.disposeAsync());

const basic = (name = "guest", secret = password) => `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}`;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly lines: readonly Record<string, unknown>[];
}

async function post(
  path: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const reply = await fetch(`${url}/api/v1/messages${path}`, {
    method: "POST",
    headers: { authorization: basic(), ...headers },
    body: body as string,
  });
  const text = await reply.text();
  const isLines = reply.headers.get("content-type") === "application/x-ndjson";
  const lines = isLines
    ? text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    : [];
  return {
    status: reply.status,
    headers: reply.headers,
    lines,
    body: isLines ? {} : (JSON.parse(text) as Answer["body"]),
  };
}

async function ask(
  path: string,
): Promise<Record<string, unknown> & { readonly items?: readonly Record<string, unknown>[] }> {
  const reply = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return (await reply.json()) as Record<string, unknown>;
}

const start = Date.parse("2026-05-01T00:00:00Z") / 1000;
const level = (v: number, at?: number) =>
  JSON.stringify([{ bn: `${mac}:`, ...(at !== undefined && { bt: start + at }), n: "water_level", u: "m", v }]);
const values = async (from = "2026-05-01T00:00:00Z", to = "2100-01-01T00:00:00Z") =>
  (await ask(`/api/v1/observations?limit=10000&thing=your-gauge&from=${from}&to=${to}`)).items!.map(
    ({ result }) => result,
  );

describe("one message", () => {
  test("is stored when it is answered with 200, and sent again a duplicate", async () => {
    expect(await post("/guest/gauge", level(1, 0))).toMatchObject({
      status: 200,
      body: { outcome: "stored", observations: 1 },
    });
    expect((await ask("/api/v1/latest?thing=your-gauge")).items?.[0]).toMatchObject({ result: 1 });
    expect(await post("/guest/gauge", level(1, 0))).toMatchObject({ status: 200, body: { outcome: "duplicate" } });
  });

  test.each([
    "application/json",
    "application/x-ndjson",
    "application/octet-stream",
    "text/plain",
    "nonsense",
    "image/png",
  ])("is its body as it is, whatever %s says", async (type) => {
    expect(await post("/guest/gauge", level(1, 1), { "content-type": type })).toMatchObject({
      status: 200,
      body: { observations: 1 },
    });
  });

  test("that cannot be read is kept, answered with 200, and found in the quarantine by its id", async () => {
    const { status, body } = await post("/guest/gauge", "1,23 m");
    expect({ status, body }).toMatchObject({ status: 200, body: { outcome: "quarantined", observations: 0 } });
    const refusals = body["refusals"] as { expected: string; came: string }[];
    expect(refusals[0]!.expected).not.toBe("");
    const entry = await ask(`/api/v1/quarantine/${String(body["quarantine"])}`);
    expect(entry).toMatchObject({ source: "guest", topic: "guest/gauge", refusals: body["refusals"] });
  });

  test("of a topic that is not the credential's goes to the quarantine, as by MQTT", async () => {
    const { status, body } = await post("/other/gauge", level(99, 2));
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { outcome: "quarantined", refusals: [{ code: "foreign_device" }] },
    });
    expect(await values()).not.toContain(99);
  });

  test("keeps a topic with slashes, blanks, umlauts and percent signs", async () => {
    for (const topic of ["guest/a b/ü", "guest//x", "guest/100%/?", "guest/a%2Fb", "guest/.well-known"]) {
      const path = topic.split("/").map(encodeURIComponent).join("/");
      const { body } = await post(`/${path}`, "rubbish");
      expect(await ask(`/api/v1/quarantine/${String(body["quarantine"])}`)).toMatchObject({ topic });
    }
    const { body } = await post("/guest%2Fgauge", "rubbish");
    expect(await ask(`/api/v1/quarantine/${String(body["quarantine"])}`)).toMatchObject({ topic: "guest/gauge" });
  });

  test.each([
    ["/guest/%2B", 400, "invalid-request"],
    ["/guest/%23", 400, "invalid-request"],
    ["/guest/a%00", 400, "invalid-request"],
    ["/guest/%FF", 400, "invalid-request"],
    ["/", 400, "invalid-request"],
    ["/guest/x?each=line&each=item", 400, "invalid-request"],
    ["/guest/x?each=word", 400, "invalid-request"],
    ["", 415, "unsupported-media-type"],
  ])("to %s is refused", async (path, status, kind) => {
    const answer = await post(path, "{}", { "content-type": "text/plain" });
    expect(answer).toMatchObject({ status, body: { type: `urn:messnetz:problem:${kind}`, status } });
    expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  });

  test("of ChirpStack's HTTP integration is known by its content, whatever it adds to the address", async () => {
    const up = {
      deduplicationId: "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
      time: "2026-05-01T00:00:00Z",
      deviceInfo: { devEui: "70b3d57ed0001a2b" },
      fPort: 2,
      data: "AQI=",
      object: { level: 1 },
    };
    const { status, body } = await post("/guest/lorawan?event=up", JSON.stringify(up));
    expect({ status, body }).toMatchObject({ status: 200, body: { outcome: "quarantined" } });
    expect((body["refusals"] as { code: string }[])[0]!.code).not.toBe("no_format");
  });

  test("without a time keeps its first time of receipt under one Idempotency-Key, and is new without", async () => {
    const key = { "idempotency-key": "push-1" };
    const first = await post("/guest/gauge", level(5), key);
    const again = await post("/guest/gauge", level(5), key);
    expect([first.body["outcome"], again.body["outcome"]]).toEqual(["stored", "duplicate"]);
    expect(again.body["receivedAt"]).toBe(first.body["receivedAt"]);
    expect((await post("/guest/gauge", level(5))).body["outcome"]).toBe("stored");
    expect((await post("/guest/gauge", level(6), key)).body["outcome"]).toBe("stored");
    expect((await post("/guest/gauge", level(6), { "idempotency-key": "a b" })).status).toBe(400);
  });

  test("may be packed, within bounds", async () => {
    const gzip = { "content-encoding": "gzip" };
    expect(await post("/guest/gauge", gzipSync(level(7, 3)), gzip)).toMatchObject({
      status: 200,
      body: { outcome: "stored" },
    });
    expect((await post("/guest/gauge", gzipSync(Buffer.alloc(5_000_000)), gzip)).status).toBe(413);
    expect((await post("/guest/gauge", "not packed", gzip)).status).toBe(400);
    expect((await post("/guest/gauge", gzipSync(level(8, 4)).subarray(0, 20), gzip)).status).toBe(400);
    expect((await post("/guest/gauge", "x", { "content-encoding": "br" })).status).toBe(415);
    expect(await values()).not.toContain(8);
  });

  test("that is too large is refused, with and without its length said", async () => {
    expect((await post("/guest/gauge", Buffer.alloc(20_001))).status).toBe(413);
    const reply = await fetch(`${url}/api/v1/messages/guest/gauge`, {
      method: "POST",
      headers: { authorization: basic() },
      body: new Blob([Buffer.alloc(30_000)]).stream(),
      duplex: "half",
    });
    expect(reply.status).toBe(413);
  });
});

describe("who sends", () => {
  test("says so by Basic, or as a token of user name and password", async () => {
    for (const authorization of [basic(), `Bearer guest:${password}`, `bearer guest:${password}`])
      expect((await post("/guest/gauge", level(1, 0), { authorization })).status).toBe(200);
  });

  test("is refused with a wrong password, none, and a token of the API; not shut out by the failures of others", async () => {
    for (const authorization of [
      basic("guest", "wrong"),
      basic("nobody"),
      "Basic !",
      "Bearer x",
      `Bearer ${token}`,
      "",
    ]) {
      const answer = await post("/guest/gauge", level(1, 0), { authorization });
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toMatch(/^Basic realm/);
    }
    const failures = await Promise.all(
      Array.from({ length: 70 }, async () => post("/guest/gauge", "x", { authorization: basic("guest", "wrong") })),
    );
    expect(failures.some(({ status, headers }) => status === 429 && Number(headers.get("retry-after")) > 0)).toBe(true);
    expect((await post("/guest/gauge", level(1, 0))).status).toBe(200);
    expect((await fetch(`${url}/api/v1/things`, { headers: { authorization: basic() } })).status).toBe(401);
  });

  test("is nobody any more once the credential is revoked, in the middle of a batch too", async () => {
    const { secret } = await town.registry.issueCredential({
      id: "gone",
      operator: "guest",
      topics: ["guest/#"],
      adopt: [],
    });
    const raw = openRaw();
    raw.write(head("/guest/gauge?each=line", { authorization: basic("gone", secret), "transfer-encoding": "chunked" }));
    raw.write(chunk(`${level(20, 20)}\n`));
    await eventually("the first line to be answered", () => raw.text().includes('"line":1'));
    await town.registry.revokeCredential("gone");
    const beat = setInterval(() => raw.write(chunk("\n")), 100);
    await eventually("the batch to be cut", () => raw.isClosed());
    clearInterval(beat);
    expect(raw.text()).toContain('"complete":false');
    const { status } = await post("/guest/gauge", level(1, 0), { authorization: basic("gone", secret) });
    // 429 where the failures before are still counted.
    expect([401, 429]).toContain(status);
  });
});

/** A connection that says exactly what it is told to. */
function openRaw() {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let text = "";
  let isClosed = false;
  socket.on("data", (bytes: Buffer) => (text += bytes.toString()));
  socket.on("close", () => (isClosed = true));
  socket.on("error", () => {});
  opened.defer(() => void socket.destroy());
  return {
    write: (bytes: string) => void (socket.destroyed || socket.write(bytes)),
    text: () => text,
    isClosed: () => isClosed,
    end: () => void socket.destroy(),
  };
}
const head = (path: string, headers: Readonly<Record<string, string>>) =>
  `POST /api/v1/messages${path} HTTP/1.1\r\nhost: x\r\n${Object.entries({ authorization: basic(), ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}\r\n`;
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

describe("on the line", () => {
  test("a slow body is ended with 408, a cut one leaves nothing", async () => {
    const slow = openRaw();
    slow.write(head("/guest/gauge", { "content-length": "100" }));
    slow.write("[");
    await eventually("the end", () => slow.isClosed());
    expect(slow.text()).toMatch(/^HTTP\/1\.1 408 /);
    const before = await ask("/api/v1/ledger?source=guest");
    const cut = openRaw();
    cut.write(head("/guest/gauge", { "content-length": "100" }));
    cut.write(level(66, 66));
    cut.end();
    await post("/guest/gauge", level(1, 0));
    expect(await values()).not.toContain(66);
    expect(JSON.stringify(before)).not.toBe("");
  });

  test("pipelined messages are answered in order, on one connection", async () => {
    const raw = openRaw();
    const bodies = Array.from({ length: 50 }, (_, n) => (n % 10 === 3 ? "rubbish" : level(100 + n, 100 + n)));
    raw.write(
      bodies
        .map((body) => `${head("/guest/gauge", { "content-length": String(Buffer.byteLength(body)) })}${body}`)
        .join(""),
    );
    await eventually("50 answers", () => raw.text().split("HTTP/1.1 200 OK").length === 51);
    const outcomes = [...raw.text().matchAll(/"outcome":"(\w+)"/g)].map(([, outcome]) => outcome);
    expect(outcomes).toEqual(bodies.map((body) => (body === "rubbish" ? "quarantined" : "stored")));
    expect(raw.isClosed()).toBe(false);
  });
});

describe("a batch", () => {
  test("of 10,000 lines, some of them bad, gets a line for each and a summary that balances", async () => {
    const bodies = Array.from({ length: 10_000 }, (_, n) => {
      if (n % 1000 === 7) return "no JSON";
      if (n % 1000 === 8) return "x".repeat(20_001);
      if (n % 1000 === 9) return level(n - 4, 10_000 + n - 4);
      return level(n, 10_000 + n);
    });
    const { status, lines } = await post("/guest/gauge?each=line", bodies.join("\r\n"));
    expect(status).toBe(200);
    expect(lines).toHaveLength(10_001);
    expect(lines.slice(0, -1).map(({ line }) => line)).toEqual(bodies.map((_, n) => n + 1));
    expect(lines.slice(5, 10).map(({ outcome }) => outcome)).toEqual([
      "stored",
      "stored",
      "quarantined",
      "rejected",
      "duplicate",
    ]);
    expect(lines[8]).toEqual({ line: 9, outcome: "rejected", expected: "at most 20000 bytes", came: "more" });
    expect(lines[7]).toMatchObject({
      refusals: [{ code: "no_format" }],
      quarantine: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown,
    });
    const counts = { stored: 9970, partial: 0, skipped: 0, duplicate: 10, quarantined: 10, refused: 0, rejected: 10 };
    expect(lines.at(-1)).toEqual({
      summary: { lines: 10_000, ...counts, unanswered: 0, observations: 9970, complete: true },
    });
    const again = await post("/guest/gauge?each=line", gzipSync(bodies.join("\n")), { "content-encoding": "gzip" });
    // What had no time of its own, the rubbish, came a second time.
    expect(again.lines.at(-1)?.["summary"]).toMatchObject({
      stored: 0,
      duplicate: 9980,
      quarantined: 10,
      observations: 0,
    });
  });

  test("is a JSON array too, each element as it stands there", async () => {
    const items = [level(1, 500), '{ "a": "]," }', '"\\"x,"', level(2, 501)];
    const { lines } = await post("/guest/gauge?each=item", ` [ ${items.join(" ,\n ")} ] `);
    expect(lines.map(({ line, outcome }) => [line, outcome])).toEqual([
      [1, "stored"],
      [2, "quarantined"],
      [3, "quarantined"],
      [4, "stored"],
      [undefined, undefined],
    ]);
    const kept = await fetch(`${url}/api/v1/quarantine/${String(lines[2]!["quarantine"])}/payload`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await kept.text()).toBe('"\\"x,"');
    // Without being told, an array is one message: SenML is one.
    expect((await post("/guest/gauge", level(3, 502))).body).toMatchObject({ outcome: "stored" });
  });

  test.each([
    ["{}", "begins with \\["],
    ["[1,,2]", "place 2"],
    ["[1,2", "the end of the JSON array"],
    ["[1] 2", "nothing behind"],
  ])("that is %s is said to be no array", async (body, why) => {
    const {
      status,
      body: problem,
      lines,
    } = await post("/guest/gauge?each=item", body).catch(async () => {
      // What was taken is answered; then the answer breaks off.
      const reply = await fetch(`${url}/api/v1/messages/guest/gauge?each=item`, {
        method: "POST",
        headers: { authorization: basic() },
        body,
      });
      let text = "";
      await (async () => {
        for await (const part of reply.body!.pipeThrough(new TextDecoderStream())) text += part;
      })().catch(() => {});
      return { status: reply.status, body: { detail: text }, lines: [] };
    });
    expect([200, 400]).toContain(status);
    expect(`${String(problem["detail"])}${JSON.stringify(lines)}`).toMatch(new RegExp(why));
  });

  test("of items brings its topics, its bytes and the time at which somebody kept it", async () => {
    const items = [
      { topic: "guest/gauge", payload: JSON.parse(level(31, 600)) as unknown },
      { topic: "guest/gauge", payload: level(32, 601) },
      { topic: "guest/gauge", payloadBase64: Buffer.from(level(33, 602)).toString("base64") },
      { topic: "guest/gauge", payload: JSON.parse(level(34)) as unknown, receivedAt: "2026-04-01T02:00:00+02:00" },
      { topic: "guest/#", payload: "1" },
      { topic: "guest/gauge" },
      { topic: "guest/gauge", payload: 1, receivedAt: "2126-04-01T00:00:00Z" },
      { topic: "guest/gauge", payload: 1, receivedAt: "yesterday" },
      { topic: "other/gauge", payload: JSON.parse(level(35)) as unknown },
      { topic: "guest/gauge", payload: "x".repeat(20_001) },
      7,
    ];
    const outcomes = [
      "stored",
      "stored",
      "stored",
      "stored",
      "rejected",
      "rejected",
      "rejected",
      "rejected",
      "quarantined",
      "rejected",
      "rejected",
    ];
    const asArray = await post("", JSON.stringify(items), { "content-type": "application/json" });
    expect(asArray.lines.slice(0, -1).map(({ outcome }) => outcome)).toEqual(outcomes);
    const asLines = await post("", items.map((item) => JSON.stringify(item)).join("\n"), {
      "content-type": "application/x-ndjson",
    });
    const again = outcomes.map((outcome) => (outcome === "stored" ? "duplicate" : outcome));
    expect(asLines.lines.slice(0, -1).map(({ outcome }) => outcome)).toEqual(again);
    expect(await values("2026-04-01T00:00:00Z", "2026-04-01T00:00:01Z")).toEqual([34]);
    const deep = `{"topic":"guest/x","payload":${"[".repeat(6000)}${"]".repeat(6000)}}`;
    const { lines } = await post("", `${deep}\n{"topic":"guest/x","payload":1}`, {
      "content-type": "application/x-ndjson",
    });
    expect(lines).toHaveLength(3);
  });

  test("of lines without times is the same again under its key, line by line", async () => {
    const key = { "idempotency-key": '"fill-1"' };
    const body = Array.from({ length: 50 }, (_, n) => level(50_000 + n)).join("\n");
    expect((await post("/guest/gauge?each=line", body, key)).lines.at(-1)).toMatchObject({ summary: { stored: 50 } });
    expect((await post("/guest/gauge?each=line", body, key)).lines.at(-1)).toMatchObject({
      summary: { duplicate: 50 },
    });
    const lately = new Date(Date.now() - 600_000).toISOString();
    expect((await values(lately)).filter((value) => Number(value) >= 50_000)).toHaveLength(50);
  });
});

interface Description {
  readonly paths: Readonly<
    Record<
      string,
      {
        readonly post: {
          readonly requestBody: { readonly content: Readonly<Record<string, { readonly example?: unknown }>> };
          readonly responses: Readonly<
            Record<string, { readonly content: Readonly<Record<string, { readonly example?: unknown }>> }>
          >;
        };
      }
    >
  >;
}

test.each(["/api/v1/messages/{topic}", "/api/v1/messages"])(
  "the example of %s is answered as the description says",
  async (path) => {
    const { paths } = (await ask("/openapi.json")) as unknown as Description;
    const { requestBody, responses } = paths[path]!.post;
    const [type, { example }] = Object.entries(requestBody.content).find(
      ([, content]) => content.example !== undefined,
    )!;
    const answer = Object.values(responses[200]!.content).find((content) => content.example !== undefined)?.example;
    const body = typeof example === "string" ? example : JSON.stringify(example);
    const reply = await fetch(url + path.replace("{topic}", "guest/gauge"), {
      method: "POST",
      headers: { authorization: basic(), "content-type": type },
      body,
    });
    const text = (await reply.text())
      .replaceAll(/"quarantine":"[0-9a-f]{32}"/g, '"quarantine":"40d92aa54d9059986c41188f461c8833"')
      .replaceAll(/"receivedAt":"[^"]+"/g, '"receivedAt":"2026-03-28T12:00:00.000Z"');
    expect(text).toBe(typeof answer === "string" ? answer : JSON.stringify(answer));
  },
);
