import { describe, expect, it } from "vitest";
import { acceptsConnections } from "./free-port.ts";
import { findInfluxServers, findNatsServers, hasDocker, startInflux, startMosquitto, startNats } from "./index.ts";

const isTried = hasDocker();

/** As somebody asks for it who has the programs installed, too. */
async function inContainers<T>(task: () => T | Promise<T>): Promise<T> {
  const before = process.env["MESSNETZ_TEST_SERVERS"];
  process.env["MESSNETZ_TEST_SERVERS"] = "docker";
  try {
    return await task();
  } finally {
    if (before === undefined) delete process.env["MESSNETZ_TEST_SERVERS"];
    else process.env["MESSNETZ_TEST_SERVERS"] = before;
  }
}

describe.skipIf(!isTried)("servers of tests in containers (without Docker: not tried)", () => {
  it.each([
    ["mosquitto", () => startMosquitto()],
    ["nats-server", () => startNats()],
    ["influxd", () => startInflux({ version: 2 })],
  ] as const)(
    "%s serves, is killed, comes back on its port with its data, and leaves nothing behind",
    async (_name, start) => {
      await inContainers(async () => {
        const server = await start();
        await acceptsConnections(server.port);
        await server.kill();
        expect(await server.child.ended()).toEqual({ signal: "SIGKILL" });
        await server.restart();
        await acceptsConnections(server.port);
        await server.stop();
        expect(await server.child.ended()).toEqual(expect.objectContaining({ code: expect.any(Number) }));
      });
    },
    120_000,
  );

  it("are found like installed ones", async () => {
    expect(await inContainers(findNatsServers)).toMatchObject([{ version: "2.12.0" }]);
    expect(await inContainers(findInfluxServers)).toMatchObject([{ generation: 2, version: "2.7" }]);
  });
});
