import type { Registry } from "@messnetz/registry";

/** What a person may try a demo with. Made anew at every start. */
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
const tokenName = "demo";

/** Puts a guest with a gauge into the registry, and a token that sees all. The guest's secret and the token are new, the old ones end. */
export async function putGuest(registry: Registry): Promise<DemoAccess> {
  await registry.apply([
    { kind: "put-operator", operator: { id: operator, name: "Beispielstadt" } },
    { kind: "put-thing", thing: { id: thing, name: "Your gauge", domain: "water", operator, tags: ["try"] } },
    { kind: "put-device", device: { id: device, thing } },
    { kind: "put-source", source: { id: guest, operator, topics: [`${guest}/#`], devices: [device], adopt: [] } },
  ]);
  for (const old of registry.tokens()) if (old.name === tokenName) await registry.revokeToken(old.id);
  const { token } = await registry.issueToken({
    name: tokenName,
    operator: "*",
    scopes: ["read", "export", "quarantine", "ledger"],
  });
  const { secret } = await registry.rotateCredential(guest);
  return { token, username: guest, secret, topic: `${guest}/gauge`, device, thing };
}

/** Lines for a person to copy. `door`: where the guest publishes; `api`: the API's address. */
export function describeTrying(demo: DemoAccess, at: { readonly door: URL; readonly api: string }): readonly string[] {
  const { door, api } = at;
  return [
    "Try it. All stations of a domain with their newest values:",
    "",
    `  curl -H "Authorization: Bearer ${demo.token}" "${api}/api/v1/latest?domain=water"`,
    "",
    `Be a device (user ${demo.username}, password ${demo.secret}), and see what came of it:`,
    "",
    `  mosquitto_pub -h ${door.hostname} -p ${door.port} -q 1 -i try -u ${demo.username} -P ${demo.secret} -t ${demo.topic} \\`,
    `    -m '[{"bn":"${demo.device}:","n":"water_level","u":"m","v":1.23}]'`,
    "",
    `  curl -H "Authorization: Bearer ${demo.token}" "${api}/api/v1/latest?thing=${demo.thing}"`,
    "",
  ];
}
