import type { Surroundings } from "./command.ts";
import { CommandTrouble } from "./command-trouble.ts";
import { commands } from "./commands.ts";

/** What `messnetz --help` says. */
function usage(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    "Usage: messnetz COMMAND [OPTIONS]",
    "",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    "`messnetz COMMAND --help` says more. A town is started with `npm start`.",
  ].join("\n");
}

/** Carries out what the command line says. Throws a CommandTrouble for what whoever wrote it can cure. */
export async function runCommand(args: readonly string[], surroundings: Surroundings): Promise<void> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") return surroundings.print(usage());
  const command = commands.find((one) => one.name === name);
  if (command === undefined)
    throw new CommandTrouble(`expected one of ${commands.map((one) => one.name).join(", ")}; came ${name}`, {
      remedy: "`messnetz --help` says what each does.",
    });
  if (rest.includes("--help") || rest.includes("-h")) return surroundings.print(command.help);
  return command.run(rest, surroundings);
}
