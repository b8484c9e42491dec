import { catalogue } from "@messnetz/model";
import { importTown } from "./import-town.ts";
import type { Registry } from "./port.ts";

/** A file whose import was refused as a whole, with every mistake. */
export class ImportRefusedError extends Error {
  override readonly name = "ImportRefusedError";
}

/** A file as it was read: YAML, or CSV where its name ends so. */
export interface ImportFile {
  readonly file: string;
  readonly content: Uint8Array;
}

/**
 * Imports the files in their order and says what came of each, with the secrets of new credentials. Rejects with an `ImportRefusedError` at
 * the first that has mistakes; earlier ones stay.
 */
export async function importFiles(
  files: readonly ImportFile[],
  into: {
    readonly registry: Registry;
    readonly profiles: ReadonlySet<string>;
    readonly say: (text: string) => void;
  },
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
    const { things, devices, datastreams, credentials, issued } = outcome;
    say(
      `${file}: ${things.added} things, ${devices.added} devices and ${credentials.added} credentials are new; ` +
        `${things.changed + devices.changed + datastreams.added + datastreams.changed + credentials.changed} changed.`,
    );
    for (const { source, secret } of issued) say(`  MQTT user ${source.id}, password ${secret} (shown once)`);
  }
}
