import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createTemporaryFolder, eventually, findProgram, type Mosquitto, startMosquitto } from "@messnetz/testing";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { afterEach, describe, expect, it, vi } from "vitest";
import { reading } from "../trial-door.fixture.ts";
import { createTrialPublisher, type TrialPublisher } from "../trial-publisher.fixture.ts";
import { openTrialBridge, planFor, type TrialBridge } from "./trial-bridge.fixture.ts";

const hasMosquitto = findProgram("mosquitto") !== undefined;
const openssl = findProgram("openssl");
const isFull = process.env["MESSNETZ_TRIALS"] === "full";

async function clientOf(broker: Mosquitto, options: IClientOptions = {}): Promise<MqttClient & AsyncDisposable> {
  const client = await connectAsync(broker.url, { reconnectPeriod: 0, ...options });
  client.on("error", () => {});
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.endAsync(true) });
}

/** Numbered messages, all at once; resolves when the broker has acknowledged all. */
async function publishMany(client: MqttClient, count: number, from = 0): Promise<void> {
  const numbers = Array.from({ length: count }, (_, n) => from + n);
  await Promise.all(numbers.map((n) => client.publishAsync(`town/${n % 7}`, reading(n), { qos: 1 })));
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

async function subscribed(trial: TrialBridge): Promise<void> {
  await eventually("the bridge to be subscribed", () => trial.bridge.troubles().length === 0);
}

/** How many identities each value was stored under: more than one, and the message counted twice. */
function storedMoreThanOnce(trial: Pick<TrialBridge, "publisher">): number[] {
  const identities = new Map<number, Set<number>>();
  for (const { observations } of trial.publisher.messages())
    for (const { result, phenomenonTime } of observations) {
      const value = Number(result);
      identities.set(value, (identities.get(value) ?? new Set()).add(phenomenonTime));
    }
  return [...identities].filter(([, times]) => times.size > 1).map(([value]) => value);
}

/** Commits, and never says so: what a kill between commit and PUBACK looks like to everybody else. */
function silentAfterCommit(inner: TrialPublisher): TrialPublisher {
  return {
    ...inner,
    async publish(batch) {
      const result = await inner.publish(batch);
      return batch.messages.length === 0 ? result : new Promise(() => {});
    },
  };
}

afterEach(() => vi.unstubAllEnvs());

describe.skipIf(!hasMosquitto)("the bridge to a real mosquitto (Debian: mosquitto)", () => {
  it.each([5, "3.1.1"])(
    "takes thousands of messages in order with version %s, and acknowledges each",
    async (version) => {
      await using broker = await startMosquitto(["max_queued_messages 0"]);
      await using trial = openTrialBridge({ plans: [planFor(broker.url, { broker: { version } })] });
      await subscribed(trial);
      await using client = await clientOf(broker);
      await publishMany(client, 5000);
      await eventually("all messages", () => trial.values().length === 5000);
      expect(trial.values()).toEqual(range(5000));
      const acknowledged = 'messnetz_bridge_messages_acknowledged_total{session="trial"}';
      await eventually("all to be acknowledged", async () => (await trial.metric(acknowledged)) === 5000);
      expect(await trial.metric('messnetz_bridge_in_flight_messages{session="trial"}')).toBe(0);
      expect(await trial.metric('messnetz_bridge_connected{session="trial"}')).toBe(1);
      expect(await trial.metric('messnetz_bridge_last_message_age_seconds{session="trial"}')).toBeLessThan(5);
      expect(trial.repeated()).toBe(0);
    },
  );

  it("gets what came while it was away, from a session that the broker keeps", async () => {
    await using broker = await startMosquitto();
    const plans = [planFor(broker.url)];
    const publisher = createTrialPublisher();
    const first = openTrialBridge({ plans, publisher });
    await subscribed(first);
    await first[Symbol.asyncDispose]();
    await using client = await clientOf(broker);
    await publishMany(client, 500);
    await using second = openTrialBridge({ plans, publisher });
    await eventually("all messages", () => second.values().length === 500);
    expect(second.values()).toEqual(range(500));
    expect(publisher.changes().map(({ kind }) => kind)).toEqual(["ended", "opened", "closed", "opened"]);
  });

  it("of two sessions of one broker each gets its own topics", async () => {
    await using broker = await startMosquitto();
    const plans = ["water", "waste"].map((name) =>
      planFor(broker.url, { session: { name, topics: [`town/${name}/#`] } }),
    );
    await using trial = openTrialBridge({ plans });
    await subscribed(trial);
    await using client = await clientOf(broker);
    for (let n = 0; n < 50; n++)
      await client.publishAsync(`town/${n % 2 ? "water" : "waste"}/1`, reading(n), { qos: 1 });
    await eventually("all messages", () => trial.values().length === 50);
    for (const name of ["water", "waste"])
      expect(await trial.metric(`messnetz_bridge_messages_received_total{session="${name}",qos="1"}`)).toBe(25);
  });

  it("has no more in hand than its receive maximum while the store hangs", async () => {
    await using broker = await startMosquitto();
    const publisher = createTrialPublisher();
    await using trial = openTrialBridge({
      plans: [planFor(broker.url, { broker: { receiveMaximum: 30 } })],
      publisher,
    });
    await subscribed(trial);
    publisher.become("hang");
    await using client = await clientOf(broker);
    await publishMany(client, 400);
    const inFlight = () => trial.metric('messnetz_bridge_in_flight_messages{session="trial"}');
    await eventually("the window to be full", async () => (await inFlight()) === 30);
    publisher.become("commit");
    await eventually("all messages", () => trial.values().length === 400);
    expect(trial.values()).toEqual(range(400));
  });

  it("stores once what was committed and not acknowledged when it was killed", async () => {
    await using broker = await startMosquitto();
    const plans = [planFor(broker.url)];
    const store = createTrialPublisher();
    const killed = openTrialBridge({ plans, publisher: silentAfterCommit(store) });
    await subscribed(killed);
    await using client = await clientOf(broker);
    await publishMany(client, 300);
    await eventually("a commit", () => store.messages().length > 0);
    const committed = store.messages().length;
    await killed.bridge.close(0);
    await using next = openTrialBridge({ plans, publisher: store });
    await eventually("all messages", () => next.distinct() === 300);
    await eventually("what was committed to come again", () => next.repeated() >= committed);
    await eventually("all to be acknowledged", () => next.intake.state().pendingMessages === 0);
    expect(next.repeated()).toBe(committed);
    expect(storedMoreThanOnce(next)).toEqual([]);
    await killed.intake.close(0);
  });

  it("goes on by itself when mosquitto is restarted, and has all that a publisher who sends again has sent", async () => {
    await using broker = await startMosquitto(["persistence true", "max_queued_messages 0"]);
    await using trial = openTrialBridge({ plans: [planFor(broker.url)] });
    await subscribed(trial);
    await using client = await clientOf(broker, { reconnectPeriod: 20, clean: false, clientId: "publisher" });
    const sending = publishMany(client, 3000);
    await eventually("some", () => trial.values().length > 100);
    await broker.restart();
    await sending;
    await eventually("all messages", () => trial.distinct() === 3000);
    expect(await trial.metric('messnetz_bridge_connections_total{session="trial"}')).toBe(2);
  }, 60_000);

  it("loses nothing of what it has acknowledged when mosquitto is killed; what mosquitto loses is counted", async () => {
    const rounds = isFull ? 10 : 2;
    await using broker = await startMosquitto([
      "persistence true",
      "autosave_on_changes true",
      "autosave_interval 1",
      "max_queued_messages 0",
    ]);
    await using trial = openTrialBridge({ plans: [planFor(broker.url)] });
    await subscribed(trial);
    await using client = await clientOf(broker, { reconnectPeriod: 20, clean: false, clientId: "publisher" });
    const count = 300;
    for (let round = 0; round < rounds; round++) {
      const sending = publishMany(client, count, round * count);
      await eventually("some of the round", () => trial.distinct() > round * count * 0.9 + 20);
      await broker.kill();
      await broker.restart();
      await sending;
      await subscribed(trial);
    }
    // A last one shows that everything before it has come: mosquitto keeps the order.
    await client.publishAsync("town/last", reading(-1), { qos: 1 });
    await eventually("the last", () => trial.values().includes(-1));
    await eventually("the store to have all", () => trial.intake.state().pendingMessages === 0);
    const acknowledged = await trial.metric('messnetz_bridge_messages_acknowledged_total{session="trial"}');
    expect(trial.values().length).toBeGreaterThanOrEqual(acknowledged);
    const lost = rounds * count + 1 - trial.distinct();
    process.stdout.write(
      `mosquitto killed ${rounds} times with autosave_on_changes: ${rounds * count + 1} acknowledged by it to the publisher, ${lost} lost by it, ` +
        `${acknowledged} acknowledged by the bridge, 0 of these lost\n`,
    );
    expect(lost).toBeLessThan(count);
  }, 60_000);

  it("logs in with the password of a file, which may be corrected while it runs", async () => {
    await using folder = await createTemporaryFolder();
    const [passwords, mine] = [join(folder.path, "passwords"), join(folder.path, "mine")];
    await promisify(execFile)("mosquitto_passwd", ["-b", "-c", passwords, "bridge", "right"]);
    await writeFile(mine, "wrong\n");
    await using broker = await startMosquitto([`password_file ${passwords}`, "allow_anonymous false"]);
    const plan = planFor(broker.url, { broker: { username: "bridge", passwordFile: mine } });
    await using trial = openTrialBridge({ plans: [plan] });
    await eventually("the refusal", () => trial.bridge.troubles()[0]?.includes("Connection refused") === true);
    expect(trial.told(/password goes to the broker in clear/)).toBe(true);
    await writeFile(mine, "right\n");
    await subscribed(trial);
  });

  it.skipIf(openssl === undefined)(
    "shows its certificate over TLS, and trusts only the authority it is given",
    async () => {
      await using folder = await createTemporaryFolder();
      const path = (name: string): string => join(folder.path, name);
      for (const name of ["broker", "bridge"])
        await promisify(execFile)(
          openssl!,
          `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${name} -addext subjectAltName=DNS:broker.example`
            .split(" ")
            .concat("-keyout", path(`${name}.key`), "-out", path(`${name}.crt`)),
        );
      await using broker = await startMosquitto([
        `certfile ${path("broker.crt")}`,
        `keyfile ${path("broker.key")}`,
        `cafile ${path("bridge.crt")}`,
        "require_certificate true",
        "use_identity_as_username true",
      ]);
      const url = `mqtts://127.0.0.1:${broker.port}`;
      const keys = { cert: path("bridge.crt"), key: path("bridge.key") };
      const tls = { ...keys, ca: path("broker.crt"), serverName: "broker.example" };
      await using trial = openTrialBridge({ plans: [planFor(url, { broker: { tls } })] });
      await subscribed(trial);
      for (const [wrong, why] of [
        [{ ...tls, ca: path("bridge.crt") }, /self-signed certificate/],
        [{ ...tls, serverName: "other.example" }, /does not match certificate/],
      ] as const) {
        await using other = openTrialBridge({ plans: [planFor(url, { broker: { tls: wrong } })] });
        await eventually("the distrust", () => other.log.some(({ fields }) => why.test(String(fields["detail"]))));
        expect(await other.metric('messnetz_bridge_connected{session="trial"}')).toBe(0);
      }
      // A switch of Node for the whole process, with which nothing is checked any more.
      vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
      await using unswitched = openTrialBridge({
        plans: [planFor(url, { broker: { tls: { ...tls, ca: path("bridge.crt") } } })],
      });
      await eventually("the distrust", () => unswitched.told(/could not be connected to/));
      expect(await unswitched.metric('messnetz_bridge_connections_total{session="trial"}')).toBe(0);
    },
  );
});
