import { parseArgs } from "node:util";

export const usage = `Usage: npm start -- [--no-demo] [--import FILE]... [--new-administrator]

  --no-demo       start empty, for real use; without it a simulated town publishes
  --import FILE   put operators, things, devices and credentials of a YAML file, or things and devices of a CSV file,
                  into the registry first; secrets of new credentials are shown once
  --new-administrator
                  make and show a token of an administrator, for when the first one was lost
  --help          this text

Settings are environment variables: see .env.example.`;

export class ArgumentsError extends Error {
  override readonly name = "ArgumentsError";
}

export interface Arguments {
  readonly demo: boolean;
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
        "no-demo": { type: "boolean", default: false },
        import: { type: "string", multiple: true, default: [] },
        "new-administrator": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    return {
      demo: !values["no-demo"],
      import: values.import,
      newAdministrator: values["new-administrator"],
      help: values.help,
    };
  } catch (cause) {
    throw new ArgumentsError(`${cause instanceof Error ? cause.message : String(cause)}\n\n${usage}`, { cause });
  }
}
