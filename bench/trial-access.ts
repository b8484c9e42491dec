import { openEmbeddedRegistry } from "@messnetz/registry";

/** What trials and the benchmark publish and query with. */
export interface TrialAccess {
  readonly username: string;
  readonly secret: string;
  /** Bearer token of the operator `trial`, with every scope. */
  readonly token: string;
}

/** Puts an operator, a credential that adopts each device it brings, and a token into the registry of a town that is not running. */
export async function prepareTown(dataDirectory: string): Promise<TrialAccess> {
  const registry = await openEmbeddedRegistry({ dataDir: dataDirectory });
  try {
    await registry.putOperator({ id: "trial", name: "Trial" });
    const { source, secret } = await registry.issueCredential({
      id: "trial",
      operator: "trial",
      topics: ["#"],
      adopt: [{ format: "*", domain: "water" }],
    });
    const { token } = await registry.issueToken({
      name: "trial",
      operator: "trial",
      scopes: ["read", "export", "quarantine", "ledger", "admin"],
    });
    return { username: source.id, secret, token };
  } finally {
    await registry.close();
  }
}
