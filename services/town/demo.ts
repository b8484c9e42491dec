import type { Registry } from "@messnetz/registry";
import type { Shutdown } from "@messnetz/runtime";
import type { TownConfig } from "./config.ts";
import type { Town } from "./town.ts";

/** What a person may try the demo with. Made anew at every start. */
export interface DemoAccess {
  readonly token: string;
  readonly username: string;
  readonly secret: string;
  readonly topic: string;
  readonly device: string;
  readonly thing: string;
}

const operator = "beispielstadt";
const guest = "guest";
const device = "urn:dev:mac:02005e10ffff";
const thing = "your-gauge";

export function createDemo() {
  let access: DemoAccess | undefined;

  return {
    /** Throws before `prepare`. */
    access(): DemoAccess {
      if (access === undefined) throw new Error("the demo has not been prepared");
      return access;
    },

    async prepare(registry: Registry): Promise<void> {
      await registry.putOperator({ id: operator, name: "Beispielstadt" });
      await registry.putThing({ id: thing, name: "Your gauge", domain: "water", operator, tags: ["try"] });
      await registry.putDevice({ id: device, thing });
      const known = registry.source(guest) !== undefined;
      const issued = known
        ? await registry.rotateCredential(guest)
        : await registry.issueCredential({ id: guest, operator, topics: [`${guest}/#`], devices: [device], adopt: [] });
      const name = "demo";
      for (const old of registry.tokens()) if (old.name === name) await registry.revokeToken(old.id);
      const { token } = await registry.issueToken({
        name,
        operator: "*",
        scopes: ["read", "export", "quarantine", "ledger"],
      });
      access = { token, username: guest, secret: issued.secret, topic: `${guest}/gauge`, device, thing };
    },

    run(_context: { town: Town; config: TownConfig; say: (text: string) => void; shutdown: Shutdown }): void {},
  };
}
