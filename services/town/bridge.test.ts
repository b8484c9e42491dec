import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deviceName, prepareTown, startTownProcess } from "@messnetz/bench";
import { createTemporaryFolder, eventually, findProgram, startMosquitto } from "@messnetz/testing";
import { connectAsync } from "mqtt";
import { expect, it } from "vitest";
import { createTownClient } from "./town-client.fixture.ts";

it.skipIf(findProgram("mosquitto") === undefined)(
  "a town reads a broker that is already there (Debian: mosquitto), and stores each message once though it was killed",
  async () => {
    await using folder = await createTemporaryFolder();
    await using broker = await startMosquitto(["max_queued_messages 0"]);
    const access = await prepareTown(folder.path);
    const file = join(folder.path, "bridges.yaml");
    const session = { name: "town", topics: ["load/#"] };
    const content = { brokers: [{ name: "field", url: broker.url, source: access.username, sessions: [session] }] };
    await writeFile(file, JSON.stringify(content));
    const env = { MESSNETZ_MQTT_PORT: "0", MESSNETZ_BRIDGES_FILE: file };
    let town = await startTownProcess(folder.path, { env });
    await town.child.sees(/The broker sends us what we asked for/);

    const field = await connectAsync(broker.url);
    const count = 400;
    for (let n = 0; n < count; n++) {
      const payload = `[{"bn":"${deviceName(n % 5)}:","n":"water_level","u":"m","v":${n / 1000}}]`;
      await field.publishAsync(`load/${n % 5}`, payload, { qos: 1 });
      if (n !== count / 2) continue;
      await town.child.kill();
      town = await startTownProcess(folder.path, { env });
    }
    await field.endAsync();
    const client = createTownClient(town.url, access.token);
    const tags = await eventually(
      "all messages",
      async () => {
        const stored = await client.loadTags();
        return stored.size === count && stored;
      },
      20_000,
    );
    expect([...tags.values()].filter((times) => times !== 1)).toEqual([]);
    await town.child.stop();
  },
  90_000,
);
