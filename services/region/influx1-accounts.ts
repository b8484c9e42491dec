import { ask, influxAdministrator, type InfluxAccess, influxRoles, type InfluxServer } from "./influx-access.ts";

const grants = { writer: "ALL", reader: "READ" } as const;

/** Makes database and accounts of an InfluxDB 1.x with authentication; what is there already is brought in line. */
export async function provideInflux1(server: InfluxServer): Promise<InfluxAccess> {
  const { url, database, secrets } = server;
  const admin = await secrets.secret("influx-admin-password");

  async function run(statement: string): Promise<string | undefined> {
    const authorization = `Basic ${Buffer.from(`${influxAdministrator}:${admin}`).toString("base64")}`;
    const body = new URLSearchParams({ q: statement });
    const { status, text } = await ask(`${url}/query`, { method: "POST", headers: { authorization }, body });
    const shown = statement.replace(/'[^']*'/, "'…'");
    if (status !== 200) throw new Error(`InfluxDB refused "${shown}": ${status} ${text}`);
    const { results } = JSON.parse(text) as { results: { error?: string }[] };
    return results[0]?.error;
  }

  async function mustRun(statement: string): Promise<void> {
    const error = await run(statement);
    if (error !== undefined) throw new Error(`InfluxDB: ${error}`);
  }

  // As long as there is no administrator, this is the one thing that is let in. The secrets hold no quotes.
  const made = await run(`CREATE USER "${influxAdministrator}" WITH PASSWORD '${admin}' WITH ALL PRIVILEGES`);
  if (made !== undefined && !made.includes("already exists")) throw new Error(`InfluxDB: ${made}`);
  await mustRun(`CREATE DATABASE "${database}"`);
  for (const role of influxRoles) {
    const password = await secrets.secret(`influx-${role}-password`);
    const error = await run(`CREATE USER "${role}" WITH PASSWORD '${password}'`);
    if (error !== undefined) await mustRun(`SET PASSWORD FOR "${role}" = '${password}'`);
    await mustRun(`GRANT ${grants[role]} ON "${database}" TO "${role}"`);
  }
  const variablesOf = (role: keyof typeof grants) => ({
    MESSNETZ_INFLUX_URL: url,
    MESSNETZ_INFLUX_DATABASE: database,
    MESSNETZ_INFLUX_USER: role,
    MESSNETZ_INFLUX_PASSWORD_FILE: secrets.path(`influx-${role}-password`),
  });
  return { variables: { writer: variablesOf("writer"), reader: variablesOf("reader") } };
}
