import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { ApiClient } from "./api-client.ts";
import type { Command, Surroundings } from "./command.ts";
import { CommandTrouble } from "./command-trouble.ts";
import { accessHelp, accessOptions, readArguments } from "./read-arguments.ts";
import { writeTable } from "./write-table.ts";

const help = `Usage: messnetz month list [--json]
       messnetz month close [--json]

Months that are over, as the embedded store keeps them: Parquet files below months/ in the data directory. Needs a token of scope admin, for
all operators and domains.

  list               the closed months
  close              closes all that are over, and those again that something came for since, and lists them. The town does that
                     by itself when they are due, and goes on serving meanwhile

  --json             for programs
${accessHelp}`;

const options = { ...accessOptions, json: { type: "boolean", default: false } } as const;

const monthSchema = z.looseObject({
  month: z.string(),
  revision: z.number(),
  rows: z.number(),
  datastreams: z.number(),
  closedAt: z.string(),
  hasLate: z.boolean(),
  files: z.array(z.looseObject({ bytes: z.number() })),
});
const listSchema = z.object({ isClosing: z.boolean(), items: z.array(monthSchema) });
type Months = z.infer<typeof listSchema>["items"];

export const month: Command = {
  name: "month",
  summary: "list and close months of the embedded store",
  help,
  async run(args, surroundings) {
    const { values, positionals } = readArguments(args, options, "month");
    const [what, ...more] = positionals;
    if ((what !== "list" && what !== "close") || more.length > 0)
      throw new CommandTrouble("expected month list or month close", { remedy: "`messnetz month --help` says more." });
    const api = await surroundings.open({ url: values.url, tokenFile: values["token-file"], ca: values.ca });
    const months =
      what === "list" ? (await api.ask(listSchema, { path: "/api/v1/months" })).items : await close(api, surroundings);
    show(months, { print: surroundings.print, json: values.json });
  },
};

const pollMs = 500;

async function close(api: ApiClient, { note, signal }: Surroundings): Promise<Months> {
  const before = new Map((await list(api, signal)).items.map((one) => [one.month, one.revision]));
  let { isClosing, items } = await api.ask(listSchema, { method: "POST", path: "/api/v1/months/close", signal });
  if (isClosing) note("The town is closing its months. It goes on also without this command.");
  while (isClosing) {
    await delay(pollMs, undefined, { signal });
    ({ isClosing, items } = await list(api, signal));
    items = items.filter((one) => before.get(one.month) !== one.revision);
  }
  if (items.length === 0) note("No month was to be closed.");
  return items;
}

async function list(api: ApiClient, signal: AbortSignal): Promise<z.infer<typeof listSchema>> {
  return api.ask(listSchema, { path: "/api/v1/months", signal });
}

const bytesPerMb = 1_000_000;

function show(
  months: Months,
  { print, json }: { readonly print: (line: string) => void; readonly json: boolean },
): void {
  if (json) return print(JSON.stringify(months, undefined, 2));
  if (months.length === 0) return;
  const rows = months.map((one) => [
    one.month,
    String(one.revision),
    String(one.rows),
    String(one.datastreams),
    String(one.files.length),
    (one.files.reduce((sum, { bytes }) => sum + bytes, 0) / bytesPerMb).toFixed(1),
    one.closedAt,
    one.hasLate ? "yes" : "no",
  ]);
  const head = ["MONTH", "REVISION", "ROWS", "DATASTREAMS", "FILES", "MB", "CLOSED", "LATE ROWS"];
  for (const line of writeTable([head, ...rows])) print(line);
}
