import { parseArgs } from "node:util";

export const usage = `Usage: node services/api/main.ts [--import FILE]... [--new-administrator]

  --import FILE   put operators, things, devices and credentials of a YAML file, or things and devices of a CSV file,
                  into the registry first; secrets of new credentials are shown once
  --new-administrator
                  make and show a token of an administrator, for when the first one was lost
  --help          this text

Settings are environment variables: see services/api/.env.example.`;

export class ArgumentsError extends Error {
  override readonly name = "ArgumentsError";
}

export interface Arguments {
  readonly import: readonly string[];
  readonly newAdministrator: boolean;
  readonly help: boolean;
}

/** Throws an `ArgumentsError` that says what there is. */
export function readArguments(args: readonly string[]): Arguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        import: { type: "string", multiple: true, default: [] },
        "new-administrator": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    return { import: values.import, newAdministrator: values["new-administrator"], help: values.help };
  } catch (cause) {
    throw new ArgumentsError(`${cause instanceof Error ? cause.message : String(cause)}\n\n${usage}`, { cause });
  }
}
