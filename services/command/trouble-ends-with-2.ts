import type { Command } from "./command.ts";
import { CommandTrouble } from "./command-trouble.ts";

/** For commands whose 1 says that what was looked at is refused or has mistakes: trouble with the call itself ends with 2. */
export function troubleEndsWith2(run: Command["run"]): Command["run"] {
  return async (args, surroundings) => {
    try {
      await run(args, surroundings);
    } catch (cause) {
      if (!(cause instanceof CommandTrouble)) throw cause;
      throw new CommandTrouble(cause.message, { cause, remedy: cause.remedy, exitCode: 2 });
    }
  };
}
