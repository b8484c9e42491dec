import { z } from "zod";
import type { ApiClient } from "./api-client.ts";
import type { Command, Surroundings } from "./command.ts";
import { CommandTrouble } from "./command-trouble.ts";
import { accessHelp, accessOptions, readArguments } from "./read-arguments.ts";
import { writeTable } from "./write-table.ts";

const help = `Usage: messnetz remove [--thing ID...] [--datastream ID...] [--property KEY...] [--from INSTANT] [--to INSTANT]
                       [--preview | --yes] [--json]

Erases observations for good, wherever they lie, and prints the receipt. All that is given must hold. Where whole things are named, what could
not be read of their devices goes from the quarantine too. Needs a token of scope admin, for the operator and the domains of the things.

  --thing ID         of these things, also of such as were removed from the registry
  --datastream ID    only these: meter-1/active_energy
  --property KEY     only of these observed properties
  --from INSTANT     from then on: 2026-03-01T00:00:00+01:00
  --to INSTANT       what is before then
                     several: repeat an option, or with commas

  --preview          count only
  --yes              do not ask; needed where nobody is at a terminal
  --json             for programs
${accessHelp}`;

const several = { type: "string", multiple: true } as const;
const options = {
  ...accessOptions,
  thing: several,
  datastream: several,
  property: several,
  from: { type: "string" },
  to: { type: "string" },
  preview: { type: "boolean", default: false },
  yes: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

const removalSchema = z.looseObject({
  state: z.enum(["preview", "running", "done", "failed"]),
  id: z.string().optional(),
  observations: z.number().optional(),
  datastreams: z.number().optional(),
  quarantined: z.number().optional(),
  closed: z.number().optional(),
  months: z.array(z.string()).optional(),
  removedAt: z.string().optional(),
  problem: z.string().optional(),
});
type Removal = z.infer<typeof removalSchema>;

export const remove: Command = {
  name: "remove",
  summary: "erase observations for good",
  help,
  async run(args, surroundings) {
    const { values, positionals } = readArguments(args, options, "remove");
    const { preview, yes, json } = values;
    if (positionals.length > 0 || (preview && yes))
      throw new CommandTrouble("remove: expected options only, and --preview or --yes", {
        remedy: "`messnetz remove --help` says what there is.",
      });
    const body = {
      ...listed("things", values.thing),
      ...listed("datastreams", values.datastream),
      ...listed("properties", values.property),
      ...(values.from !== undefined && { from: values.from }),
      ...(values.to !== undefined && { to: values.to }),
    };
    const api = await surroundings.open({ url: values.url, tokenFile: values["token-file"], ca: values.ca });
    const counted = await api.ask(removalSchema, { method: "POST", path: "/api/v1/removals?preview", body });
    if (preview) return show(counted, { print: surroundings.print, json });
    if (!yes) await confirm(counted, surroundings);
    const removal = await carryOut(api, body, surroundings);
    if (removal.state === "failed") throw new CommandTrouble(removal.problem ?? "it failed; ask again for the rest");
    show(removal, { print: surroundings.print, json });
  },
};

function listed(name: string, given: readonly string[] | undefined): Readonly<Record<string, readonly string[]>> {
  return given === undefined ? {} : { [name]: given.flatMap((text) => text.split(",")).map((text) => text.trim()) };
}

async function confirm(counted: Removal, { note, ask }: Surroundings): Promise<void> {
  for (const line of linesOf(counted)) note(line);
  const answer = await ask("This cannot be undone. Erase it? Write yes: ");
  if (answer === undefined)
    throw new CommandTrouble("expected somebody at a terminal who confirms it; nothing was removed", {
      remedy: "--yes goes without, --preview counts only.",
    });
  if (answer.trim().toLowerCase() !== "yes") throw new CommandTrouble("it was not confirmed; nothing was removed");
}

/** The town waits some seconds with each of its answers. */
async function carryOut(api: ApiClient, body: object, { note, signal }: Surroundings): Promise<Removal> {
  let removal = await api.ask(removalSchema, { method: "POST", path: "/api/v1/removals", body });
  if (removal.state === "running") note("The town is erasing. It goes on also without this command.");
  while (removal.state === "running")
    removal = await api.ask(removalSchema, { path: `/api/v1/removals/${removal.id ?? ""}`, signal });
  return removal;
}

function show(
  removal: Removal,
  { print, json }: { readonly print: (line: string) => void; readonly json: boolean },
): void {
  if (json) return print(JSON.stringify(removal, undefined, 2));
  for (const line of linesOf(removal)) print(line);
}

function linesOf({
  state,
  observations,
  datastreams,
  quarantined,
  closed,
  months,
  removedAt,
  id,
}: Removal): readonly string[] {
  const rows: [string, string | number | undefined][] = [
    ["observations", observations],
    ["of them in closed months", closed],
    ["datastreams", datastreams],
    ["messages of the quarantine", quarantined],
    [state === "preview" ? "closed months that it touches" : "months written anew", months?.join(" ") || undefined],
    ["durable since", removedAt],
    ["receipt", id],
  ];
  return writeTable(rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
}
