import type { ApiClient, ApiAccess } from "./api-client.ts";

/** What a command has of the world. */
export interface Surroundings {
  /** What was asked for, a line: to standard output, and nothing else goes there. */
  print(line: string): void;
  /** What a person at the terminal wants to know beside it: to standard error. */
  note(line: string): void;
  /** What a person at the terminal answers; undefined where nobody is. */
  ask(question: string): Promise<string | undefined>;
  /** A path as it was written, from the folder in which the command was called. */
  pathOf(text: string): string;
  /** All of standard input. */
  readInput(): Promise<Uint8Array>;
  /** Something is wrong with what was looked at: the command ends with 1, and has said why. */
  found(): void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The API of a running town. Reads the token, and throws a CommandTrouble that says where it is expected. */
  open(access: ApiAccess): Promise<ApiClient>;
  /** Aborts with the interrupt of the terminal. */
  readonly signal: AbortSignal;
}

/** One word after `messnetz`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole text of `messnetz <name> --help`. */
  readonly help: string;
  /** Throws a CommandTrouble for what the person who called it can cure. */
  run(args: readonly string[], surroundings: Surroundings): Promise<void>;
}
