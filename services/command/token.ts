import { z } from "zod";
import type { Command, Surroundings } from "./command.ts";
import { CommandTrouble } from "./command-trouble.ts";
import { accessHelp, accessOptions, readArguments } from "./read-arguments.ts";
import { writeTable } from "./write-table.ts";

const help = `Usage: messnetz token list [--json]
       messnetz token issue --name NAME --scope SCOPE... [--operator ID] [--domain DOMAIN...]
                            [--days N | --expires INSTANT] [--json]
       messnetz token revoke ID

Tokens with which people and programs use the API. Needs a token of scope admin; it can give nobody more than it has.

  list               tokens that were issued and not revoked, without their secrets
  issue              makes one and prints it: this once, it is stored nowhere
  revoke ID          it is not accepted from then on

  --name NAME        whose it is, or what for
  --scope SCOPE      read, export, quarantine, ledger or admin; several: repeat it, or with commas
  --operator ID      whose things it sees; * (default) for those of all
  --domain DOMAIN    only these; several: repeat it, or with commas. Default: every domain
  --days N           expires so many days from now
  --expires INSTANT  expires then: 2027-01-01T00:00:00+01:00
  --json             for programs
${accessHelp}`;

const options = {
  ...accessOptions,
  name: { type: "string" },
  scope: { type: "string", multiple: true },
  operator: { type: "string", default: "*" },
  domain: { type: "string", multiple: true },
  days: { type: "string" },
  expires: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

const tokenSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  operator: z.string(),
  scopes: z.array(z.string()),
  domains: z.array(z.string()).optional(),
  expiresAt: z.string().optional(),
});
const listSchema = z.object({ items: z.array(tokenSchema) });
const issuedSchema = tokenSchema.extend({ token: z.string() });

export const token: Command = {
  name: "token",
  summary: "list, issue and revoke tokens of the API",
  help,
  async run(args, surroundings) {
    const { values, positionals } = readArguments(args, options, "token");
    const [what, id, ...more] = positionals;
    const open = async () => surroundings.open({ url: values.url, tokenFile: values["token-file"], ca: values.ca });
    if (what === "list" && id === undefined) return list(await open(), { ...surroundings, json: values.json });
    if (what === "issue" && id === undefined) {
      const body = requestOf(values);
      return issue(await open(), { ...surroundings, json: values.json, body });
    }
    if (what === "revoke" && id !== undefined && more.length === 0) {
      const api = await open();
      await api.send({ method: "DELETE", path: `/api/v1/tokens/${encodeURIComponent(id)}` });
      return surroundings.note(`Token ${id} is revoked.`);
    }
    throw new CommandTrouble("expected token list, token issue or token revoke ID", {
      remedy: "`messnetz token --help` says more.",
    });
  },
};

type Api = Awaited<ReturnType<Surroundings["open"]>>;

async function list(api: Api, { print, json }: Surroundings & { readonly json: boolean }): Promise<void> {
  const { items } = await api.ask(listSchema, { path: "/api/v1/tokens" });
  if (json) return print(JSON.stringify(items, undefined, 2));
  const rows = items.map(({ id, name, operator, scopes, domains, expiresAt }) => [
    id,
    name,
    operator,
    scopes.join(","),
    domains?.join(",") ?? "all",
    expiresAt ?? "never",
  ]);
  for (const line of writeTable([["ID", "NAME", "OPERATOR", "SCOPES", "DOMAINS", "EXPIRES"], ...rows])) print(line);
}

async function issue(
  api: Api,
  { print, note, json, body }: Surroundings & { readonly json: boolean; readonly body: object },
): Promise<void> {
  const issued = await api.ask(issuedSchema, { method: "POST", path: "/api/v1/tokens", body });
  if (json) return print(JSON.stringify(issued, undefined, 2));
  note(`Token ${issued.id}, shown this once and stored nowhere; keep it in a safe place:`);
  print(issued.token);
}

interface IssueValues {
  readonly name?: string | undefined;
  readonly scope?: readonly string[] | undefined;
  readonly operator: string;
  readonly domain?: readonly string[] | undefined;
  readonly days?: string | undefined;
  readonly expires?: string | undefined;
}

/** The town says what of it is wrong; here only what would not reach it, or mean something else. */
function requestOf({ name, scope, operator, domain, days, expires }: IssueValues): object {
  if (name === undefined || scope === undefined)
    throw new CommandTrouble("token issue: expected --name and --scope", {
      remedy:
        'For example: messnetz token issue --name "dashboard of the waterworks" --operator waterworks --scope read',
    });
  if (days !== undefined && expires !== undefined)
    throw new CommandTrouble("token issue: expected --days or --expires, came both");
  const expiresAt = days === undefined ? expires : inDays(days);
  return {
    name,
    operator,
    scopes: listOf(scope),
    ...(domain && { domains: listOf(domain) }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

function listOf(given: readonly string[]): readonly string[] {
  return given.flatMap((text) => text.split(",")).map((text) => text.trim());
}

const dayMs = 86_400_000;

function inDays(text: string): string {
  const days = Number(text);
  if (/^\d{1,5}$/.test(text) && days > 0) return new Date(Date.now() + days * dayMs).toISOString();
  throw new CommandTrouble(`--days: expected a whole number from 1 to 99999, came ${text}`);
}
