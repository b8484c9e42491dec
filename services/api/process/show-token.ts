import { open, rename } from "node:fs/promises";

/** Where an administrator's token goes, once. */
export interface TokenPlace {
  /** Its owner alone can read it (mode 600). Absent: it is said. */
  readonly file: string | undefined;
  readonly say: (text: string) => void;
}

/** The token is in no file now, and cannot be shown again. */
export class TokenFileError extends Error {
  override readonly name = "TokenFileError";
}

/** Shows the token to whoever started the process. The file is written whole or not at all; rejects with a `TokenFileError`. */
export async function showToken(token: string, { file, say }: TokenPlace): Promise<void> {
  if (file === undefined) {
    say(
      `\nThe administrator's token. It is shown this once and stored nowhere: keep it in a safe place.\n\n  ${token}\n`,
    );
    return;
  }
  const half = `${file}.${process.pid}.new`;
  try {
    const handle = await open(half, "wx", 0o600);
    try {
      await handle.writeFile(`${token}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(half, file);
  } catch (cause) {
    throw new TokenFileError(
      `MESSNETZ_ADMINISTRATOR_TOKEN_FILE: expected a place to write ${file}; the token that was made is lost: cure it and start once with --new-administrator`,
      { cause },
    );
  }
  say(`The administrator's token stands in ${file}, for its owner to read.`);
}
