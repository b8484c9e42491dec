import { execFile } from "node:child_process";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Child, createTemporaryFolder, findProgram, freePort, startChild } from "@messnetz/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const program = fileURLToPath(new URL("./main.ts", import.meta.url));
const townProgram = fileURLToPath(new URL("../town/main.ts", import.meta.url));
const limitMs = 60_000;

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const openssl = findProgram("openssl");
const unusedPort = await freePort();
const folder = await createTemporaryFolder();
let town: Child;
let url = "";
let administrator = "";

/** Runs the command as a person does, in a folder of the person's own. */
async function messnetz(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const env = { PATH: process.env["PATH"], MESSNETZ_URL: url, MESSNETZ_TOKEN: administrator, ...environment };
  return promisify(execFile)(process.execPath, [program, ...args], { env, cwd: folder.path }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => {
      const { code, stdout, stderr } = error as Outcome;
      return { code, stdout, stderr };
    },
  );
}

beforeAll(async () => {
  town = await startChild(process.execPath, {
    args: [townProgram, "--no-demo"],
    env: { MESSNETZ_DATA_DIR: join(folder.path, "town"), MESSNETZ_MQTT_PORT: "0", MESSNETZ_HTTP_PORT: "0" },
  });
  url = (await town.sees(/API {4}(http\S+)/, limitMs))[1]!;
  administrator = (await town.sees(/mn_\w+/))[0];
}, limitMs);
afterAll(async () => {
  await town.stop();
  await folder.remove();
});

describe("messnetz token", () => {
  test("issues a token that works, lists it without its secret, and revokes it", async () => {
    const scopes = ["--scope", "read,export", "--domain", "water", "--days", "30"];
    const issued = await messnetz(["token", "issue", "--name", "dashboard", ...scopes]);
    expect(issued).toMatchObject({ code: 0, stdout: expect.stringMatching(/^mn_\w+\n$/) });
    const token = issued.stdout.trim();
    const asks = async () => fetch(`${url}/api/v1/things`, { headers: { authorization: `Bearer ${token}` } });
    expect((await asks()).status).toBe(200);

    const listed = await messnetz(["token", "list"]);
    const [head, ...rows] = listed.stdout.trimEnd().split("\n");
    expect(head).toMatch(/^ID +NAME +OPERATOR +SCOPES +DOMAINS +EXPIRES$/);
    const row = rows.find((one) => one.includes("dashboard"))!;
    expect(row).toMatch(/^\w{10} +dashboard +\* +read,export +water +\d{4}-/);
    expect(listed.stdout).not.toContain(token);
    const id = row.slice(0, 10);
    const asJson = JSON.parse((await messnetz(["token", "list", "--json"])).stdout) as { id: string }[];
    expect(asJson.map((one) => one.id)).toContain(id);

    expect(await messnetz(["token", "revoke", id])).toMatchObject({ code: 0, stdout: "" });
    expect((await asks()).status).toBe(401);
    const again = await messnetz(["token", "revoke", id]);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("expected a token that is there") });
  });

  test("takes the token from a file, written from the folder where it was called", async () => {
    await writeFile(join(folder.path, "admin.token"), `${administrator}\n`);
    await chmod(join(folder.path, "admin.token"), 0o600);
    const args = ["token", "list", "--token-file", "admin.token", "--url", url];
    expect(await messnetz(args, { MESSNETZ_TOKEN: "", MESSNETZ_URL: "" })).toMatchObject({ code: 0, stderr: "" });
  });

  test("says what the town does not like, in the town's words", async () => {
    const { code, stderr } = await messnetz(["token", "issue", "--name", "x", "--scope", "everything"]);
    expect(code).toBe(1);
    expect(stderr).toContain("scopes.0");
    expect(stderr).not.toMatch(/\bat .*\.ts:\d+/);
  });
});

test("neither its tokens nor its passwords stand in what a town keeps or logs", async () => {
  const token = (await messnetz(["token", "issue", "--name", "kept", "--scope", "admin"])).stdout.trim();
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const put = async (path: string, body: object) =>
    fetch(`${url}/api/v1/${path}`, { method: "PUT", headers, body: JSON.stringify(body) });
  expect((await put("operators/works", { name: "Works" })).status).toBe(200);
  const body = JSON.stringify({ id: "gauges", operator: "works", topics: ["gauges/#"] });
  const issued = await fetch(`${url}/api/v1/credentials`, { method: "POST", headers, body });
  const { secret } = (await issued.json()) as { secret: string };
  const port = Number((await town.sees(/mqtt:\/\/127\.0\.0\.1:(\d+)/))[1]);
  // CONNACK (MQTT 3.1.1, 3.2): accepted, and refused for a password that is nearly right.
  expect(await connectWith(port, secret)).toEqual([0x20, 2, 0, 0]);
  expect((await connectWith(port, `${secret}x`)).at(-1)).not.toBe(0);
  expect((await fetch(`${url}/api/v1/things?token=${token}`, { headers })).status).toBe(400);
  const id = token.split("_")[1]!;
  expect(await messnetz(["token", "revoke", id])).toMatchObject({ code: 0 });
  expect((await fetch(`${url}/api/v1/things`, { headers })).status).toBe(401);

  const kept: string[] = [town.output().replaceAll(administrator, "")];
  for (const file of await readdir(join(folder.path, "town"), { recursive: true, withFileTypes: true }))
    if (file.isFile()) kept.push((await readFile(join(file.parentPath, file.name))).toString("latin1"));
  expect(kept.length).toBeGreaterThan(4);
  for (const one of [token, administrator, secret]) {
    const bare = one.split("_").at(-1)!;
    for (const form of [bare, Buffer.from(bare).toString("base64").slice(0, 32), Buffer.from(bare).toString("hex")])
      expect(kept.some((text) => text.includes(form))).toBe(false);
  }
  // Otherwise it would have looked at nothing.
  expect(kept.some((text) => text.includes(id))).toBe(true);
});

/** The four bytes that a door answers to a CONNECT (MQTT 3.1.1, 3.1) of the user `gauges`. */
async function connectWith(port: number, password: string): Promise<readonly number[]> {
  const field = (text: string) => [text.length >> 8, text.length & 0xff, ...Buffer.from(text)];
  const rest = [...field("MQTT"), 4, 0xc2, 0, 30, ...field("someone"), ...field("gauges"), ...field(password)];
  const socket = connect(port, "127.0.0.1");
  socket.write(Uint8Array.from([0x10, rest.length, ...rest]));
  const [answer] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return [...answer.subarray(0, 4)];
}

describe("a command that cannot do its work says what to do", () => {
  test.each([
    [
      "without a town",
      ["token", "list", "--url", `http://127.0.0.1:${unusedPort}`],
      {},
      /nobody answers at.*npm start/s,
    ],
    ["without a token", ["token", "list"], { MESSNETZ_TOKEN: "" }, /expected a token.*MESSNETZ_TOKEN.*--token-file/s],
    [
      "with a wrong token",
      ["token", "list"],
      { MESSNETZ_TOKEN: "mn_wrong" },
      /does not know this token.*MESSNETZ_TOKEN/s,
    ],
    ["with a file that is not there", ["token", "list", "--token-file", "no-such"], {}, /--token-file.*no-such/s],
    ["with an address that is none", ["token", "list", "--url", "here"], {}, /--url: expected an address such as/],
    [
      "with a server that is none",
      ["token", "list", "--url", "http://nowhere.invalid"],
      {},
      /no server of this name|no answer came/,
    ],
    ["with a certificate that is none", ["token", "list", "--ca", "no-such"], {}, /--ca: expected a file/],
    ["with an option that there is not", ["token", "list", "--tokn", "x"], {}, /tokn.*messnetz token --help/s],
    [
      "with the token on the command line",
      ["token", "list", "--token", "mn_secret"],
      {},
      /--token.*messnetz token --help/s,
    ],
    ["with a command that there is not", ["tokens"], {}, /expected one of .*token.*came tokens/],
    ["with half of what it needs", ["token", "issue", "--name", "x"], {}, /expected --name and --scope/],
    ["with a day that is none", ["token", "issue", "--name", "x", "--scope", "read", "--days", "-1"], {}, /days/],
  ] as const)("%s", async (_name, args, environment, why) => {
    const outcome = await messnetz(args, environment);
    expect(outcome).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(why) });
    expect(outcome.stderr).not.toMatch(/\bat .*\.ts:\d+/);
    expect(outcome.stderr).not.toContain(administrator);
  });

  test("where something else than Messnetz answers", async () => {
    const other = createServer((request, response) => {
      if (request.url === "/api/v1/tokens") response.end("<html>hello</html>");
    });
    await once(other.listen(0, "127.0.0.1"), "listening");
    const { port } = other.address() as AddressInfo;
    const outcome = await messnetz(["token", "list", "--url", `http://127.0.0.1:${port}`]);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining("expected an answer of Messnetz") });
    const secure = await messnetz(["token", "list", "--url", `https://127.0.0.1:${port}`]);
    expect(secure).toMatchObject({ code: 1, stderr: expect.stringContaining("https where you wrote http") });
    other.closeAllConnections();
    other.close();
  });
});

test.skipIf(openssl === undefined)(
  `a certificate of an own authority is believed with --ca alone${openssl === undefined ? " (SKIPPED: openssl is not installed)" : ""}`,
  async () => {
    const [cert, key] = ["ca.crt", "ca.key"].map((name) => join(folder.path, name)) as [string, string];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    await promisify(execFile)(openssl!, ["req", "-x509", ...curve, ...subject, "-keyout", key, "-out", cert]);
    const server = createSecureServer({ cert: await readFile(cert), key: await readFile(key) }, (_request, response) =>
      response.end('{"items":[]}'),
    );
    await once(server.listen(0, "127.0.0.1"), "listening");
    const args = ["token", "list", "--url", `https://127.0.0.1:${(server.address() as AddressInfo).port}`];
    const without = await messnetz(args);
    expect(without).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/authority that is not known.*--ca FILE/s),
    });
    expect(await messnetz([...args, "--ca", "ca.crt"])).toMatchObject({ code: 0, stderr: "" });
    expect(await messnetz(args, { MESSNETZ_CA: cert })).toMatchObject({ code: 0, stderr: "" });
    expect(await messnetz([...args, "--ca", "ca.key"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("--ca"),
    });
    server.closeAllConnections();
    server.close();
  },
);

test("help is there without a town, for all and for each command", async () => {
  const all = await messnetz(["--help"], { MESSNETZ_URL: "", MESSNETZ_TOKEN: "" });
  expect(all).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringMatching(/^Usage: messnetz.*\n {2}token +\S/s),
  });
  const one = await messnetz(["token", "--help"], { MESSNETZ_TOKEN: "" });
  expect(one).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("messnetz token issue --name") });
});
