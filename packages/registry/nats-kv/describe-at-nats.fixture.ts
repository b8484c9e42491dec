import { findNatsServers } from "@messnetz/testing";
import { describe, expect, it } from "vitest";

const servers = findNatsServers().map(({ version }) => version);

/** Once for each nats-server that is installed, oldest first; the long form of the trials means all of them, the short one the oldest. */
export function describeAtNats(name: string, body: (version: string) => void, versions = servers): void {
  for (const version of versions) {
    describe(`${name}, nats-server ${version}`, () => {
      body(version);
    });
  }
  describe.skipIf(servers.length === 0)(`${name} (needs nats-server; Debian: apt-get install nats-server)`, () => {
    it("is tested with a real server", () => expect(servers).not.toEqual([]));
  });
}

/** For what takes long: one server, and all of them in the long form of the trials. */
export const fewServers = process.env["MESSNETZ_TRIALS"] === "full" ? servers : servers.slice(0, 1);
