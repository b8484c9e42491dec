import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectAsync } from "mqtt";
import { runCommand } from "./run-command.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const secretFolder = join(root, "infra", "docker", "secrets");
/** Its own names of containers, networks and volumes: what runs here in earnest is left alone. */
const project = "messnetz-smoke";
const commandTimeoutMs = 900_000;
const ports = { traffic: 8883, transit: 8884, water: 8885, energy: 8886, waste: 8887 } as const;
const mosquittoPort = 8882;
const apiPort = 8443;

/** Whether a Docker daemon answers and knows `docker compose`. */
export async function hasDocker(): Promise<boolean> {
  for (const args of [
    ["version", "--format", "{{.Server.Version}}"],
    ["compose", "version"],
  ]) {
    const { code } = await runCommand("docker", args, { timeoutMs: 20_000 });
    if (code !== 0) return false;
  }
  return true;
}

export type Sector = keyof typeof ports;
export const sectors = Object.keys(ports) as Sector[];

/** docker-compose.yml, brought up on this machine's loopback. */
export async function openComposition() {
  async function run(command: string, args: readonly string[]): Promise<string> {
    const env = {
      COMPOSE_PROJECT_NAME: project,
      MESSNETZ_BIND: "127.0.0.1",
      // Where containers have no way out, the machine's network is one.
      MESSNETZ_BUILD_NETWORK: process.env["MESSNETZ_BUILD_NETWORK"] ?? "host",
    };
    const { code, output } = await runCommand(command, args, { timeoutMs: commandTimeoutMs, env });
    if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output.slice(-4000)}`);
    return output;
  }
  const compose = (...args: string[]): Promise<string> =>
    run("docker", ["compose", "--project-directory", root, "--file", join(root, "docker-compose.yml"), ...args]);
  const close = async (): Promise<void> => void (await compose("down", "--volumes", "--timeout", "20"));
  await run(join(root, "infra", "docker", "make-secrets"), []);
  const ca = await readFile(join(secretFolder, "ca.crt"));

  const tokenFile = "/var/lib/messnetz/state/administrator-token";
  let token: string;
  try {
    await close();
    await compose("build", "--quiet");
    await compose("up", "--detach", "--wait", "--wait-timeout", "300");
    token = (await compose("exec", "--no-TTY", "api", "cat", tokenFile)).trim();
  } catch (error) {
    const logs = await compose("logs", "--tail", "30").catch(() => "");
    await close();
    throw new Error(`the composition did not come up:\n${logs}`, { cause: error });
  }

  return {
    compose,
    close,
    [Symbol.asyncDispose]: close,

    /** Asks the API as its administrator. */
    ask(method: "GET" | "POST", path: string, body?: { readonly type: string; readonly text: string }) {
      return new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
        const headers = {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { "content-type": body.type }),
        };
        const asked = request({ host: "127.0.0.1", port: apiPort, method, path, ca, headers }, (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (more: string) => {
            text += more;
          });
          response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
        });
        asked.on("error", reject);
        asked.end(body?.text);
      });
    },

    /** A device at the door of a sector, or at Mosquitto as the sector's account. */
    async publish(at: Sector | "mosquitto", from: { username: string; password?: string }, message: [string, object]) {
      const port = at === "mosquitto" ? mosquittoPort : ports[at];
      const password = from.password ?? (await readFile(join(secretFolder, `mosquitto-${from.username}`), "utf8"));
      const client = await connectAsync(`mqtts://127.0.0.1:${port}`, {
        ca,
        username: from.username,
        password,
        clientId: `smoke-${at}-${from.username}`,
        reconnectPeriod: 0,
      });
      try {
        await client.publishAsync(message[0], JSON.stringify(message[1]), { qos: 1 });
      } finally {
        await client.endAsync();
      }
    },
  };
}

export type Composition = Awaited<ReturnType<typeof openComposition>>;
