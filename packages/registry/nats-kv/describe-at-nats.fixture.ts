import { natsServersToTry } from "@messnetz/testing";
import { describe, expect, it } from "vitest";

const servers = natsServersToTry().map(({ version }) => version);

/** Once for each nats-server to try. */
export function describeAtNats(name: string, body: (version: string) => void): void {
  for (const version of servers) {
    describe(`${name}, nats-server ${version}`, () => {
      body(version);
    });
  }
  describe.skipIf(servers.length === 0)(`${name} (needs nats-server; Debian: apt-get install nats-server)`, () => {
    it("is tested with a real server", () => expect(servers).not.toEqual([]));
  });
}
