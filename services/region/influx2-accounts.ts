import {
  ask,
  influxAdministrator,
  type InfluxAccess,
  influxOrg,
  type InfluxRole,
  influxRoles,
  type InfluxServer,
} from "./influx-access.ts";

const actions = { writer: ["read", "write"], reader: ["read"] } as const;

/**
 * Makes organisation, bucket and a token for each role of an InfluxDB 2.x. Its administrator's token is the secret `influx-admin-token`; of
 * a server that was set up by others it must be the right one.
 */
export async function provideInflux2(server: InfluxServer): Promise<InfluxAccess> {
  const { url, database, secrets } = server;
  const token = await secrets.secret("influx-admin-token");

  async function call<T>(method: "GET" | "POST", path: string, body?: object): Promise<T> {
    const { status, text } = await ask(`${url}${path}`, {
      method,
      headers: { authorization: `Token ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (status >= 300) throw new Error(`InfluxDB refused ${method} ${path}: ${status} ${text.trim()}`);
    return JSON.parse(text) as T;
  }

  const { allowed } = await call<{ allowed: boolean }>("GET", "/api/v2/setup");
  if (allowed) {
    const password = await secrets.secret("influx-admin-password");
    const names = { username: influxAdministrator, org: influxOrg, bucket: database };
    await call("POST", "/api/v2/setup", { ...names, password, token, retentionPeriodSeconds: 0 });
  }
  const { buckets } = await call<{ buckets: { id: string; orgID: string }[] }>(
    "GET",
    `/api/v2/buckets?name=${encodeURIComponent(database)}`,
  );
  const [bucket] = buckets;
  if (bucket === undefined) throw new Error(`InfluxDB: expected a bucket ${database}, found none`);

  async function isGood(kept: string): Promise<boolean> {
    const headers = { authorization: `Token ${kept}` };
    const { status } = await ask(`${url}/api/v2/buckets?limit=1`, { method: "GET", headers });
    return status === 200;
  }

  async function ensureToken(role: InfluxRole): Promise<void> {
    const kept = await secrets.find(`influx-${role}-token`);
    if (kept !== undefined && (await isGood(kept))) return;
    const made = await call<{ token: string }>("POST", "/api/v2/authorizations", {
      orgID: bucket!.orgID,
      description: `Messnetz ${role}`,
      permissions: actions[role].map((action) => ({
        action,
        resource: { type: "buckets", id: bucket!.id, orgID: bucket!.orgID },
      })),
    });
    await secrets.write(`influx-${role}-token`, `${made.token}\n`);
  }

  for (const role of influxRoles) await ensureToken(role);
  const variablesOf = (role: InfluxRole) => ({
    MESSNETZ_INFLUX_URL: url,
    MESSNETZ_INFLUX_DATABASE: database,
    MESSNETZ_INFLUX_ORG: influxOrg,
    MESSNETZ_INFLUX_TOKEN_FILE: secrets.path(`influx-${role}-token`),
  });
  return { variables: { writer: variablesOf("writer"), reader: variablesOf("reader") } };
}
