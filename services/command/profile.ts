import { readFile, stat, writeFile } from "node:fs/promises";
import { relative } from "node:path";
import type { Command, Surroundings } from "./command.ts";
import { CommandTrouble } from "./command-trouble.ts";
import { troubleEndsWith2 } from "./trouble-ends-with-2.ts";
import { readArguments } from "./read-arguments.ts";

const help = `Usage: messnetz profile check FILE|FOLDER... [--json]
       messnetz profile new [SAMPLE...] [--maker NAME] [--model NAME] [--title TEXT] [--out FILE]

Device profiles: what the decoded fields of a device model mean. profiles/README.md explains how they are written. No town is needed.

  check             reads them as a service would, runs their examples (frames and codecs too), and says every mistake with file, line,
                    column and cure. Exit code: 0 none, 1 some, 2 the command itself has a mistake
  new               proposes one from messages of the device: uplinks of any network server that Messnetz reads, or decoded objects, as
                    files of one JSON text or of one a line; - or nothing: standard input. What a person must decide is marked TODO, and
                    until then \`check\` refuses it. No unit is guessed

  --maker, --model  for its name <maker>/<model>
  --title TEXT      what the device is
  --out FILE        writes it there, where nothing is yet; else it is printed
  --json            for programs`;

const options = {
  json: { type: "boolean", default: false },
  maker: { type: "string" },
  model: { type: "string" },
  title: { type: "string" },
  out: { type: "string" },
} as const;

export const profile: Command = {
  name: "profile",
  summary: "check device profiles, and propose one for a new kind of device",
  help,
  run: troubleEndsWith2(run),
};

async function run(args: readonly string[], surroundings: Surroundings): Promise<void> {
  const { values, positionals } = readArguments(args, options, "profile");
  const [what, ...paths] = positionals;
  if (what === "check" && paths.length > 0) return check(paths, { ...surroundings, json: values.json });
  if (what === "new") return propose(paths, values, surroundings);
  throw new CommandTrouble("expected profile check FILE|FOLDER... or profile new [SAMPLE...]", {
    remedy: "`messnetz profile --help` says more.",
  });
}

async function check(
  paths: readonly string[],
  { pathOf, print, note, found, json }: Surroundings & { readonly json: boolean },
): Promise<void> {
  for (const path of paths) {
    await stat(pathOf(path)).catch((cause: unknown) => {
      throw new CommandTrouble(`expected a file or folder that can be read: ${messageOf(cause)}`, { cause });
    });
  }
  const { checkHere, fileProblemText } = await import("./check-here.ts");
  const { profiles, problems } = await checkHere(paths.map((path) => pathOf(path)));
  const shown = problems.map((problem) => ({ ...problem, file: relative(pathOf("."), problem.file) }));
  if (json) print(JSON.stringify({ profiles: profiles.map(({ name }) => name), problems: shown }, undefined, 2));
  else for (const problem of shown) print(fileProblemText(problem));
  if (shown.length > 0) found();
  const examples = profiles.reduce((sum, { document }) => sum + document.examples.length, 0);
  note(
    `${profiles.length} profiles with ${examples} examples are right${shown.length === 0 ? "." : `; ${shown.length} mistakes in others.`}`,
  );
}

interface NewValues {
  readonly maker?: string | undefined;
  readonly model?: string | undefined;
  readonly title?: string | undefined;
  readonly out?: string | undefined;
}

async function propose(
  paths: readonly string[],
  { out, ...naming }: NewValues,
  { pathOf, readInput, print, note }: Surroundings,
): Promise<void> {
  const files = paths.length === 0 ? ["-"] : paths;
  const texts: { readonly file: string; readonly text: string }[] = [];
  for (const file of files) {
    const bytes = file === "-" ? await readInput() : await readSample(pathOf(file));
    texts.push({ file: file === "-" ? "standard input" : file, text: Buffer.from(bytes).toString("utf8") });
  }
  const { readSamples } = await import("./read-samples.ts");
  const { proposeProfile } = await import("./propose-profile.ts");
  const samples = await readSamples(texts);
  if (samples.known !== undefined)
    note(
      `${samples.known} reads devices of this name already: see profiles/${samples.known}.yaml before you write another one.`,
    );
  const text = proposeProfile(samples, naming);
  if (out === undefined) return print(text.trimEnd());
  await writeFile(pathOf(out), text, { flag: "wx" }).catch((cause: unknown) => {
    throw new CommandTrouble(`--out: expected a file that is not there yet: ${messageOf(cause)}`, { cause });
  });
  note(`Written to ${out}. Decide what is marked TODO, then: messnetz profile check ${out}`);
}

async function readSample(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    throw new CommandTrouble(`expected a file with a message that can be read: ${messageOf(cause)}`, { cause });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
