import { z } from "zod";
import type { NatsEvent } from "./link.ts";

type ServerWarning = Extract<NatsEvent, { readonly kind: "server_warning" }>;

/** The first release with the fixes that the Jepsen report on 2.12.1 led to is 2.12.7; 2.12 is the oldest line that gets them. */
const oldestGood = [2, 12];
/** `sync_interval: always` came with 2.10; before, files are synced every two minutes at most, or by the operating system. */
const firstWithAlways = [2, 10];
const monitoringTimeoutMs = 2000;

const lossOfPower =
  "what was acknowledged may be gone after a power cut or a crash of the operating system (not after a crash of the server alone)";

/** What the monitoring address tells of JetStream (2.10 and later; `sync_always` is left out when false). */
const monitored = z.object({
  jetstream: z.object({ config: z.object({ sync_always: z.boolean().default(false) }) }),
});

/** What is to be said of this server at the start: its version is told to clients, its `sync_interval` only to who asks its monitoring. */
export async function warnOfServer(version: string, monitoringUrl: string | undefined): Promise<ServerWarning[]> {
  const warnings: ServerWarning[] = [];
  if (isOlder(version, oldestGood)) {
    warnings.push({
      kind: "server_warning",
      code: "old_server",
      text: `nats-server ${version} is older than ${oldestGood.join(".")}: it has known ways of losing acknowledged messages when power or disks fail. Use 2.12.7 or later.`,
    });
  }
  return [...warnings, ...(await warnOfSync(version, monitoringUrl))];
}

async function warnOfSync(version: string, monitoringUrl: string | undefined): Promise<ServerWarning[]> {
  if (isOlder(version, firstWithAlways)) {
    return [
      {
        kind: "server_warning",
        code: "sync_interval_not_always",
        text: `nats-server ${version} acknowledges before its files are synced and knows no other way: ${lossOfPower}.`,
      },
    ];
  }
  const always = await askMonitoring(monitoringUrl);
  if (always === true) return [];
  if (always === false) {
    return [
      {
        kind: "server_warning",
        code: "sync_interval_not_always",
        text: `this nats-server runs without \`sync_interval: always\` in its jetstream block: ${lossOfPower}. Set it, or keep streams on three servers.`,
      },
    ];
  }
  return [
    {
      kind: "server_warning",
      code: "sync_interval_unknown",
      text:
        `whether this nats-server runs with \`sync_interval: always\` is not told to clients (${always}). Without it, ${lossOfPower}. ` +
        "To have it checked, set http_port in the server's configuration and MESSNETZ_NATS_MONITORING_URL here; by hand: look for sync_always at /varz.",
    },
  ];
}

/** Whether files are synced before each acknowledgement, or why that is not known. */
async function askMonitoring(url: string | undefined): Promise<boolean | string> {
  if (url === undefined) return "MESSNETZ_NATS_MONITORING_URL is not set";
  try {
    const reply = await fetch(new URL("/varz", url), { signal: AbortSignal.timeout(monitoringTimeoutMs) });
    if (!reply.ok) return `${url} answers with status ${reply.status}`;
    return monitored.parse(await reply.json()).jetstream.config.sync_always;
  } catch (error) {
    return `${url} does not tell: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function isOlder(version: string, than: readonly number[]): boolean {
  const numbers = /^v?(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
  if (numbers === undefined) return true;
  const [major = 0, minor = 0] = numbers;
  const [thanMajor = 0, thanMinor = 0] = than;
  return major < thanMajor || (major === thanMajor && minor < thanMinor);
}
