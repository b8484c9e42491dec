import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTemporaryFolder } from "@messnetz/testing";
import { describe, expect, it } from "vitest";
import { BridgeFileError, type BridgePlan, readBridgeFile } from "./bridge-file.ts";

/** The plans of a file with this text, or its error's message without the first line's path. */
async function read(text: string, only?: readonly string[]): Promise<readonly BridgePlan[] | string> {
  await using folder = await createTemporaryFolder();
  const file = join(folder.path, "bridges.yaml");
  await writeFile(file, text);
  await writeFile(join(folder.path, "secret"), "geheim\n");
  try {
    return await readBridgeFile(file, only);
  } catch (error) {
    if (!(error instanceof BridgeFileError)) throw error;
    return error.message.replaceAll(folder.path, "");
  }
}

const whole = `
brokers:
  - name: chirpstack
    url: mqtts://lora.example:8884
    username: messnetz
    passwordFile: secret
    tls: { ca: secret, serverName: lora }
    source: lorawan
    sessions:
      - name: lora-a
        topics: ["application/1/#", "application/2/#"]
      - name: lora-b
        topics: ["application/3/#"]
        retained: take
  - name: hsl
    url: mqtt://mqtt.example
    version: 3.1.1
    source: buses
    receiveMaximum: 20
    sessions:
      - { name: hfp, topics: [$share/messnetz/hfp/#], shared: true }
`;

describe("readBridgeFile", () => {
  it("gives every session with its broker, names of files told from its folder", async () => {
    const plans = await read(whole);
    if (typeof plans === "string") throw new Error(plans);
    expect(plans.map(({ broker, session }) => [broker.name, session.name])).toEqual([
      ["chirpstack", "lora-a"],
      ["chirpstack", "lora-b"],
      ["hsl", "hfp"],
    ]);
    expect(plans[0]!.broker.passwordFile).toMatch(/^\/.*\/secret$/);
    expect(plans[0]!.broker.tls?.ca).toMatch(/^\/.*\/secret$/);
    expect(plans[0]!.broker).toMatchObject({ receiveMaximum: 1024, sessionExpirySeconds: 604_800 });
    expect(plans[0]!.broker.version).toBeUndefined();
    expect(plans[2]!.broker).toMatchObject({ version: 4, receiveMaximum: 20 });
  });

  it("gives the sessions that a process names, and knows those it does not", async () => {
    const plans = await read(whole, ["hfp", "lora-b"]);
    expect(plans).toMatchObject([{ session: { name: "lora-b" } }, { session: { name: "hfp" } }]);
    expect(await read(whole, ["hvp"])).toContain(
      "MESSNETZ_BRIDGE_SESSIONS names hvp; the file has the sessions lora-a, lora-b, hfp",
    );
  });

  it("tells every mistake at once, each with its line", async () => {
    const text = `
brokers:
  - name: chirp stack
    url: http://lora.example
    sourc: lorawan
    version: 4
    sessions:
      - name: a
        topics: ["town/#/x"]
      - name: b
        topics: []
`;
    const message = await read(text);
    expect(message).toMatch(/^\/bridges.yaml \(MESSNETZ_BRIDGES_FILE\) has 7 mistakes:/);
    for (const line of [
      /line 3: brokers.0.name: expected a name of up to 64 letters.*came "chirp stack"/,
      /line 4: brokers.0.url: expected mqtt:\/\/host.*came "http:\/\/lora.example"/,
      /line 6: brokers.0.version: expected 5 or 3.1.1, came 4/,
      /line 3: brokers.0.source: expected string.*came nothing/i,
      /line 3: brokers.0: Unrecognized key: "sourc"/,
      /line 9: brokers.0.sessions.0.topics.0: expected an MQTT topic filter.*came "town\/#\/x"/,
      /line 11: brokers.0.sessions.1.topics: Too small/,
    ])
      expect(message).toMatch(line);
  });

  it.each([
    ["syntax", "brokers:\n  - name: [", /line 2: /],
    ["a key twice", "brokers: []\nbrokers: []\n", /line 2: Map keys must be unique/],
    ["an empty file", "", /line 1: the whole: /],
  ])("tells wrong YAML: %s", async (_, text, why) => {
    expect(await read(text)).toMatch(why);
  });

  const broker = (rest: string, sessions: string, name = "b") =>
    `  - { name: ${name}, url: "mqtt://h", source: s, ${rest} sessions: [${sessions}] }\n`;
  const file = (...brokers: string[]) => `brokers:\n${brokers.join("")}`;

  it("refuses two sessions of one broker that would get the same messages, with both named", async () => {
    const overlapping = file(broker("", `{ name: x, topics: ["a/#"] }, { name: y, topics: ["b/#", "+/c"] }`));
    expect(await read(overlapping)).toMatch(
      /line 2: .*session y \(\+\/c\) and session x \(a\/#\) would both get the same messages/,
    );
    const aliases = file(broker("", `{ name: x, topics: ["a/#"] }`), broker("", `{ name: y, topics: ["a/b"] }`, "c"));
    expect(await read(aliases)).toMatch(/session y \(a\/b\) and session x/);
    const elsewhere = file(
      broker("", `{ name: x, topics: ["a/#"] }`),
      broker("", `{ name: y, topics: ["a/b"] }`, "c").replace("//h", "//other"),
    );
    expect(await read(elsewhere)).toHaveLength(2);
  });

  it("refuses $share without a stated choice, and lets the members of one group overlap", async () => {
    const shared = (choice: string) =>
      file(
        broker("", `{ name: x, topics: ["$share/g/a/#"]${choice} }, { name: y, topics: ["$share/g/a/#"]${choice} }`),
      );
    expect(await read(shared(""))).toMatch(/expected shared: true beside a \$share filter/);
    expect(await read(shared(", shared: true"))).toHaveLength(2);
    expect(await read(file(broker("", `{ name: x, topics: ["a"], shared: true }`)))).toMatch(
      /expected a \$share\/<group>\/<filter> among the topics/,
    );
    const groups = `{ name: x, topics: ["$share/g/a/#"], shared: true }, { name: y, topics: ["$share/h/a/#"], shared: true }`;
    expect(await read(file(broker("", groups)))).toMatch(/would both get the same messages/);
  });

  it("refuses names that stand for two things, halves of pairs, and files that are not there", async () => {
    const message = await read(
      file(
        broker(`passwordFile: gone,`, `{ name: x, topics: ["a"] }`),
        broker(`username: u, passwordFile: gone,`, `{ name: x, topics: ["c"] }`),
        broker(`tls: { cert: secret },`, `{ name: z, topics: ["d"] }`, "e"),
      ),
    );
    expect(message).toMatch(/line 2: brokers.0.passwordFile: expected a username beside it/);
    expect(message).toMatch(/line 4: brokers.2.tls: expected cert and key together/);
    expect(
      await read(
        file(
          broker(`username: u, passwordFile: gone,`, `{ name: x, topics: ["a"] }`),
          broker("", `{ name: x, topics: ["c"] }`),
        ),
      ),
    ).toMatch(/passwordFile: expected a file that can be read.*\n.*name: expected a name that no other broker has/);
  });

  it("refuses credentials in the url, where everybody reads them", async () => {
    const text = file(broker("", `{ name: x, topics: ["a"] }`)).replace("//h", "//u:geheim@h");
    const message = await read(text);
    expect(message).toMatch(/with user name and password in username and passwordFile/);
    expect(message).not.toContain("geheim");
  });
});
