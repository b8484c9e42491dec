import { randomBytes } from "node:crypto";

/** How to come in: 1.x by name and password, 2.x by token. */
export interface InfluxAccount {
  readonly username?: string;
  readonly password?: string;
  readonly token?: string;
}

export interface InfluxSetup {
  /** Database of 1.x, bucket of 2.x. */
  readonly database: string;
  /** Only 2.x has it. */
  readonly org?: string;
  readonly admin: InfluxAccount;
  readonly writer: InfluxAccount;
  readonly reader: InfluxAccount;
  /** Another empty database, kept for `retentionSeconds` (0: for ever), that writer and reader may use as well. */
  createDatabase(name: string, retentionSeconds: number): Promise<void>;
}

const database = "messnetz";
const secret = (): string => randomBytes(12).toString("hex");

async function answered(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) throw new Error(`influxd refused the setup: ${response.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** Users and databases by InfluxQL: the first user may be made by anybody. */
export async function setUpInflux1(url: string): Promise<InfluxSetup> {
  const account = (username: string): Required<Omit<InfluxAccount, "token">> => ({ username, password: secret() });
  const [admin, writer, reader] = [account("admin"), account("writer"), account("reader")];
  const query = async (text: string): Promise<void> => {
    const basic = Buffer.from(`${admin.username}:${admin.password}`).toString("base64");
    const answer = await answered(
      await fetch(`${url}/query`, {
        method: "POST",
        headers: { authorization: `Basic ${basic}` },
        body: new URLSearchParams({ q: text }),
      }),
    );
    const failed = (answer as { results: { error?: string }[] }).results.find(({ error }) => error !== undefined);
    if (failed !== undefined) throw new Error(`influxd refused ${text}: ${failed.error}`);
  };
  const createDatabase = async (name: string, retentionSeconds: number): Promise<void> => {
    await query(`CREATE DATABASE ${name}${retentionSeconds > 0 ? ` WITH DURATION ${retentionSeconds}s` : ""}`);
    await query(`GRANT ALL ON ${name} TO writer`);
    await query(`GRANT READ ON ${name} TO reader`);
  };
  await query(`CREATE USER admin WITH PASSWORD '${admin.password}' WITH ALL PRIVILEGES`);
  for (const { username, password } of [writer, reader])
    await query(`CREATE USER ${username} WITH PASSWORD '${password}'`);
  await createDatabase(database, 0);
  return { database, admin, writer, reader, createDatabase };
}

/** Organisation, buckets and tokens by the setup of 2.x. */
export async function setUpInflux2(url: string): Promise<InfluxSetup> {
  const org = "town";
  const token = secret();
  const post = async (path: string, body: unknown): Promise<unknown> =>
    answered(
      await fetch(`${url}/api/v2/${path}`, {
        method: "POST",
        headers: { authorization: `Token ${token}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    );
  const first = { username: "admin", password: secret(), org, bucket: "unused", token };
  const { org: made } = (await post("setup", first)) as { org: { id: string } };
  const orgID = made.id;
  const createDatabase = async (name: string, retentionSeconds: number): Promise<void> => {
    const retentionRules = retentionSeconds > 0 ? [{ type: "expire", everySeconds: retentionSeconds }] : [];
    await post("buckets", { orgID, name, retentionRules });
  };
  const tokenThatMay = async (...actions: readonly string[]): Promise<InfluxAccount> => {
    // Buckets of the organisation, also those made later.
    const permissions = actions.map((action) => ({ action, resource: { type: "buckets", orgID } }));
    const authorization = (await post("authorizations", { orgID, permissions })) as { token: string };
    return { token: authorization.token };
  };
  await createDatabase(database, 0);
  const [writer, reader] = [await tokenThatMay("read", "write"), await tokenThatMay("read")];
  return { database, org, admin: { token }, writer, reader, createDatabase };
}
