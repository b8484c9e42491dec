import { catalogue } from "@messnetz/model";
import { everyOperator, importTown, type Principal, type Registry } from "@messnetz/registry";

type Say = (text: string) => void;

/** A file whose import was refused as a whole, with every mistake. */
export class ImportRefusedError extends Error {
  override readonly name = "ImportRefusedError";
}

/** Somebody who can let in everybody else, now: neither expired nor limited to some domains. */
function isAdministrator({ operator, scopes, domains, expiresAt }: Principal): boolean {
  const isWhole = operator === everyOperator && scopes.includes("admin") && domains === undefined;
  return isWhole && (expiresAt === undefined || expiresAt > Date.now());
}

/**
 * A registry without an administrator gets one, and so does the person who has lost the token and may start the town (`isWanted`). The
 * token is shown once and kept nowhere.
 */
export async function ensureAdministrator(
  registry: Registry,
  { say, isWanted }: { readonly say: Say; readonly isWanted: boolean },
): Promise<void> {
  const hasOne = registry.tokens().some(isAdministrator);
  if (hasOne && !isWanted) return;
  const { token } = await registry.issueToken({
    name: hasOne ? "administrator" : "first administrator",
    operator: everyOperator,
    scopes: ["read", "export", "quarantine", "ledger", "admin"],
  });
  say(
    `\nThe administrator's token. It is shown this once and stored nowhere: keep it in a safe place.\n\n  ${token}\n`,
  );
}

/** Imports the files in their order. Rejects with an `ImportRefusedError` at the first that has mistakes; earlier ones stay. */
export async function importFiles(
  files: readonly { readonly file: string; readonly content: Uint8Array }[],
  into: { readonly registry: Registry; readonly profiles: ReadonlySet<string>; readonly say: Say },
): Promise<void> {
  const { registry, profiles, say } = into;
  for (const { file, content } of files) {
    const kind = file.toLowerCase().endsWith(".csv") ? "csv" : "yaml";
    const outcome = await importTown(content, { kind, registry, catalogue, profiles });
    if (outcome.kind === "refused") {
      const lines = outcome.mistakes.map(({ line, message }) => `  line ${line}: ${message}`);
      const more = outcome.more > 0 ? [`  and ${outcome.more} more`] : [];
      throw new ImportRefusedError(`${file} was not imported; nothing of it was:\n${[...lines, ...more].join("\n")}`);
    }
    const { things, devices, credentials, issued } = outcome;
    say(
      `${file}: ${things.added} things, ${devices.added} devices and ${credentials.added} credentials are new; ` +
        `${things.changed + devices.changed + credentials.changed} changed.`,
    );
    for (const { source, secret } of issued) say(`  MQTT user ${source.id}, password ${secret} (shown once)`);
  }
}
