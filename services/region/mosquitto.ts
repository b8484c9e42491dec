import { pbkdf2, randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { checkPort } from "./check-port.ts";
import type { PartSpec } from "./part.ts";
import type { Program } from "./program.ts";

export interface MosquittoAccount {
  readonly name: string;
  readonly password: string;
  /** Topic filters that it may read, and that it may publish to. */
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
}

export interface MosquittoOptions {
  readonly program: Program;
  readonly folder: string;
  readonly port: number;
  readonly accounts: readonly MosquittoAccount[];
  /** Further lines of mosquitto.conf(5). */
  readonly lines: readonly string[];
}

/** What holds wherever Mosquitto stands in front of Messnetz. */
const sharedFile = fileURLToPath(new URL("../../infra/mosquitto/messnetz.conf", import.meta.url));
/** As mosquitto_passwd 2.0 writes it: `$7$iterations$salt$hash`, PBKDF2 with SHA-512. */
const iterations = 101;
const saltBytes = 12;
const hashBytes = 64;
const derive = promisify(pbkdf2);

/** Writes configuration, passwords and access list into the folder, and says how to run it. */
export async function prepareMosquitto(options: MosquittoOptions): Promise<PartSpec> {
  const { program, folder, port, accounts, lines } = options;
  const data = join(folder, "data");
  await mkdir(data, { recursive: true, mode: 0o700 });
  const passwordFile = join(folder, "passwords");
  const aclFile = join(folder, "acl");
  const configuration = join(folder, "mosquitto.conf");
  const passwords = await Promise.all(accounts.map(passwordLine));
  await writeFile(passwordFile, `${passwords.join("\n")}\n`, { mode: 0o600 });
  await writeFile(aclFile, `${accounts.map(aclOf).join("\n\n")}\n`, { mode: 0o600 });
  const own = [
    `listener ${port} 127.0.0.1`,
    // As root it would give up its rights for an account that cannot read this folder.
    `user ${userInfo().username}`,
    "log_dest stderr",
    `password_file ${passwordFile}`,
    `acl_file ${aclFile}`,
    `persistence_location ${data}/`,
    ...lines,
  ];
  // The shared lines first: of two values for one setting the later stands.
  await writeFile(configuration, `${await readFile(sharedFile, "utf8")}\n${own.join("\n")}\n`, { mode: 0o600 });
  return {
    name: "mosquitto",
    command: program.path,
    args: ["-c", configuration],
    env: {},
    check: (signal) => checkPort(port, signal),
  };
}

async function passwordLine({ name, password }: MosquittoAccount): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, salt, iterations, hashBytes, "sha512");
  return `${name}:$7$${iterations}$${salt.toString("base64")}$${hash.toString("base64")}`;
}

function aclOf({ name, reads = [], writes = [] }: MosquittoAccount): string {
  const rights = [...reads.map((filter) => `topic read ${filter}`), ...writes.map((filter) => `topic write ${filter}`)];
  return [`user ${name}`, ...rights].join("\n");
}
