import { readFile } from "node:fs/promises";
import { z } from "zod";
import { NatsSettingsError } from "./errors.ts";

const path = z.string().min(1).optional();
const megabytes = z.coerce.number().int().positive();

/** What every service that speaks to NATS is told. Spread `natsConfigSchema.shape` into the service's own schema. */
export const natsConfigSchema = z.object({
  MESSNETZ_NATS_URL: z
    .string()
    .min(1)
    .default("nats://127.0.0.1:4222")
    .describe("Address of the NATS server; of a cluster all of them, separated by commas. tls:// insists on TLS."),
  MESSNETZ_NATS_USER: z.string().min(1).optional().describe("User name at NATS. Goes with the password file."),
  MESSNETZ_NATS_PASSWORD_FILE: path.describe("File that holds the password of the user at NATS."),
  MESSNETZ_NATS_CREDENTIALS_FILE: path.describe("Credentials file (.creds) of NATS, in place of user and password."),
  MESSNETZ_NATS_TLS_CA: path.describe("PEM file of the authorities that vouch for the NATS server."),
  MESSNETZ_NATS_TLS_CERT: path.describe("PEM file of the certificate that this service shows to NATS."),
  MESSNETZ_NATS_TLS_KEY: path.describe("PEM file of that certificate's private key."),
  MESSNETZ_NATS_MONITORING_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      "The server's monitoring address (http_port), asked once at the start whether `sync_interval: always` is set.",
    ),
  MESSNETZ_NATS_REPLICAS: z.coerce
    .number()
    .refine((count) => [1, 3, 5].includes(count), "expected 1, 3 or 5: the cluster needs an odd number to agree")
    .default(1)
    .describe("On how many servers of the cluster each stream is kept: 1, 3 or 5."),
  MESSNETZ_NATS_OBSERVATIONS_MB: megabytes
    .default(4096)
    .describe("Disk for observations that the store has not taken yet; when full, nothing is acknowledged to devices."),
  MESSNETZ_NATS_QUARANTINE_MB: megabytes.default(1024).describe("Disk for the quarantine's messages."),
});

export type NatsConfig = z.infer<typeof natsConfigSchema>;

/** Paths of PEM files. */
export interface NatsTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Where NATS is and as whom to come. */
export interface NatsAccess {
  readonly urls: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly credentialsFile?: string;
  readonly tls?: NatsTls;
  readonly monitoringUrl?: string;
}

type AccessConfig = Omit<
  NatsConfig,
  "MESSNETZ_NATS_REPLICAS" | "MESSNETZ_NATS_OBSERVATIONS_MB" | "MESSNETZ_NATS_QUARANTINE_MB"
>;

/** Reads the password from its file. Rejects with a NatsSettingsError where it cannot be read, or where two ways of logging in are set, or half of one. */
export async function readNatsAccess(config: AccessConfig): Promise<NatsAccess> {
  const {
    MESSNETZ_NATS_USER: user,
    MESSNETZ_NATS_PASSWORD_FILE: passwordFile,
    MESSNETZ_NATS_CREDENTIALS_FILE: credentialsFile,
    MESSNETZ_NATS_TLS_CA: ca,
    MESSNETZ_NATS_TLS_CERT: cert,
    MESSNETZ_NATS_TLS_KEY: key,
    MESSNETZ_NATS_MONITORING_URL: monitoringUrl,
  } = config;
  refuseHalves([
    ["MESSNETZ_NATS_USER", user, "MESSNETZ_NATS_PASSWORD_FILE", passwordFile],
    ["MESSNETZ_NATS_TLS_CERT", cert, "MESSNETZ_NATS_TLS_KEY", key],
  ]);
  if (user !== undefined && credentialsFile !== undefined) {
    throw new NatsSettingsError(
      "expected MESSNETZ_NATS_USER or MESSNETZ_NATS_CREDENTIALS_FILE, both came: remove one of them",
    );
  }
  const tls = present({ ca, cert, key });
  return {
    urls: config.MESSNETZ_NATS_URL.split(",").flatMap((url) => url.trim() || []),
    ...present({ user, credentialsFile, monitoringUrl }),
    ...(passwordFile === undefined ? {} : { password: await readSecret(passwordFile) }),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
  };
}

type Pair = readonly [string, string | undefined, string, string | undefined];

function refuseHalves(pairs: readonly Pair[]): void {
  for (const [first, one, second, other] of pairs) {
    if ((one === undefined) === (other === undefined)) continue;
    const [set, missing] = one === undefined ? [second, first] : [first, second];
    throw new NatsSettingsError(`expected ${missing} beside ${set}: set both or none`);
  }
}

async function readSecret(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new NatsSettingsError(`MESSNETZ_NATS_PASSWORD_FILE: expected a readable file, came ${file}`, { cause });
  });
  return text.replace(/\r?\n$/, "");
}

/** Without what is undefined: absent is absent. */
function present<Key extends string>(values: Readonly<Record<Key, string | undefined>>): { [K in Key]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in Key]?: string;
  };
}
