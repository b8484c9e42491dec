import { parseArgs, type ParseArgsConfig } from "node:util";
import { CommandTrouble } from "./command-trouble.ts";

/** Options of every command that talks to a town. */
export const accessOptions = {
  url: { type: "string" },
  "token-file": { type: "string" },
  ca: { type: "string" },
} as const;

export const accessHelp = `  --url URL          the API of the town; else MESSNETZ_URL, else http://127.0.0.1:8080
  --token-file FILE  a file with a token; else MESSNETZ_TOKEN has it. Never on the command line, where others see it
  --ca FILE          PEM certificate of the authority that signed the API's own; else MESSNETZ_CA`;

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Throws a CommandTrouble that names the command with its help. */
export function readArguments<const O extends Options>(args: readonly string[], options: O, command: string) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new CommandTrouble(message, { cause, remedy: `\`messnetz ${command} --help\` says what there is.` });
  }
}
