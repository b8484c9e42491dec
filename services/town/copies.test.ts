import { prepareTown, startTownProcess } from "@messnetz/bench";
import { createTemporaryFolder } from "@messnetz/testing";
import { connectAsync } from "mqtt";
import { expect, it } from "vitest";
import { createTownClient } from "./town-client.fixture.ts";

const instant = Date.parse("2026-03-29T00:30:00Z");
const eui = "70B3D57ED0001A2B";

/** As ThingPark forwards it: the second application server gets another list of gateways, and a time some seconds later. */
function thingpark(counter: number, secondsLater: number) {
  const body = {
    Time: new Date(instant + counter * 900_000 + secondsLater * 1000).toISOString(),
    DevEUI: eui,
    FPort: 2,
    FCntUp: counter,
    payload_hex: "01a2",
    DevAddr: "04D2848E",
    LrrRSSI: -97 - secondsLater,
    LrrSNR: 7,
    points: { temperature: { unitId: "Cel", record: 20 + counter } },
  };
  return { topic: `things/${secondsLater}`, payload: { DevEUI_uplink: body } };
}

/** A frame that nothing decodes: at once, and with all its gateways some time later. */
function loriot(cmd: "rx" | "gw") {
  const gws = [{ rssi: -90, snr: 5 }];
  const common = { cmd, EUI: eui, fcnt: 9, port: 2, data: "01a2" };
  const payload = cmd === "rx" ? { ...common, ts: instant, rssi: -90, snr: 5 } : { ...common, ts: instant + 1500, gws };
  return { topic: "loriot", payload };
}

it("copies of uplinks from a second client and by webhook are counted and neither stored nor quarantined again, though the town was killed between", async () => {
  await using folder = await createTemporaryFolder();
  const { username, secret: password, token } = await prepareTown(folder.path);
  const counters = Array.from({ length: 20 }, (_, n) => n);
  const rounds = [
    [...counters.map((counter) => thingpark(counter, 0)), loriot("rx")],
    [...counters.map((counter) => thingpark(counter, 3)), loriot("gw")],
    // A device that never joins begins its counter anew an hour later.
    [...counters.map((counter) => thingpark(counter, 0)), thingpark(0, 3700)],
  ];
  let town = await startTownProcess(folder.path);
  for (const [round, messages] of rounds.entries()) {
    const client = await connectAsync({ ...town.run.mqtt, username, password, clientId: `road-${round}` });
    await Promise.all(
      messages.map(({ topic, payload }) => client.publishAsync(topic, JSON.stringify(payload), { qos: 1 })),
    );
    client.end(true);
    if (round > 0) continue;
    await town.child.kill();
    town = await startTownProcess(folder.path);
  }
  const webhook = await fetch(`${town.url}/api/v1/messages/hooks`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` },
    body: JSON.stringify(thingpark(7, 5).payload),
  });
  expect(await webhook.json()).toMatchObject({ outcome: "duplicate" });
  const client = createTownClient(town.url, token);
  const ledger = await client.ledger();
  const sumOf = (key: "received" | "stored" | "quarantined" | "duplicate") =>
    ledger.reduce((sum, row) => sum + row[key], 0);
  expect({
    received: sumOf("received"),
    stored: sumOf("stored"),
    quarantined: sumOf("quarantined"),
    duplicate: sumOf("duplicate"),
  }).toEqual({ received: 64, stored: 21, quarantined: 1, duplicate: 42 });
  // Temperature, strength and signal-to-noise ratio of each.
  expect(await client.count()).toBe(21 * 3);
  await town.child.stop();
}, 120_000);
