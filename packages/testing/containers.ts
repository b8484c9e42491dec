import { spawnSync } from "node:child_process";
import { userInfo } from "node:os";
import type { WaitStrategy } from "testcontainers";
import { type Child, type ChildEnd, waitForOutput } from "./child-process.ts";

/** Pinned: what a test meets does not change by itself. The same as in docker-compose.yml. */
export const serverImages = { mosquitto: "eclipse-mosquitto:2.0", nats: "nats:2.12", influxd: "influxdb:2.7" } as const;

/**
 * Whether the servers of tests run in containers: asked for by MESSNETZ_TEST_SERVERS=docker, or because the program is not installed here and
 * a Docker daemon answers.
 */
export function usesContainers(isInstalled: boolean): boolean {
  if (process.env["MESSNETZ_TEST_SERVERS"] === "docker") return true;
  return !isInstalled && hasDocker();
}

/** Whether a Docker daemon answers. */
export function hasDocker(): boolean {
  return spawnSync("docker", ["version", "--format", "{{.Server.Version}}"], { timeout: 20_000 }).status === 0;
}

/** Where a server must listen so that the test reaches it: in a container on every address, which is published on this machine. */
export function listenHost(isContainer: boolean): string {
  return isContainer ? "0.0.0.0" : "127.0.0.1";
}

export interface ContainerOptions {
  readonly image: string;
  /** Arguments of the image's entrypoint. */
  readonly command: readonly string[];
  /** In place of the image's own. */
  readonly entrypoint?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The server's configuration and data: the same path in the container, so that another container goes on with them. */
  readonly folder: string;
  /** Inside and outside. */
  readonly port: number;
  /** What it writes when it serves. Absent: the caller finds out. */
  readonly ready?: RegExp;
}

/** 128 and the number of the signal: how a shell, and Docker, tell of an end by a signal. */
const signals: Readonly<Record<number, NodeJS.Signals>> = { 130: "SIGINT", 137: "SIGKILL", 143: "SIGTERM" };
const startsWithinMs = 60_000;
const nothingToWaitFor: WaitStrategy = {
  waitUntilReady: async () => {},
  withStartupTimeout: () => nothingToWaitFor,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => startsWithinMs,
};

/** A server in a container, with the interface of a child process. Resolves when it serves. `pid` is the daemon's number of it. */
export async function startContainer(options: ContainerOptions): Promise<Child> {
  const { image, command, entrypoint, env = {}, folder, port, ready } = options;
  // Loaded where it is needed: most runs need no container, and it is large.
  const { GenericContainer, getContainerRuntimeClient } = await import("testcontainers");
  let output = "";
  const { uid, gid } = userInfo();
  const plan = new GenericContainer(image);
  if (entrypoint !== undefined) plan.withEntrypoint([...entrypoint]);
  const started = await plan
    .withCommand([...command])
    .withEnvironment({ ...env })
    // Files that it writes can be removed by who runs the tests.
    .withUser(`${uid}:${gid}`)
    .withBindMounts([{ source: folder, target: folder, mode: "rw" }])
    .withExposedPorts({ container: port, host: port })
    .withAutoRemove(false)
    .withLogConsumer((stream) => {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    })
    // What it has to say is waited for below, where a refusal is told with all that it said.
    .withWaitStrategy(nothingToWaitFor)
    .start();
  const client = await getContainerRuntimeClient();
  const container = client.container.getById(started.getId());
  const pid = (await container.inspect()).State.Pid;
  let over = false;
  const end: Promise<ChildEnd> = (container.wait() as Promise<{ StatusCode: number }>).then(({ StatusCode }) => {
    over = true;
    const signal = signals[StatusCode];
    return signal === undefined ? { code: StatusCode } : { signal };
  });
  const removeAtEnd = end.then(() => container.remove({ force: true, v: true }));
  // A container that another has removed is gone as well.
  removeAtEnd.catch(() => {});

  async function send(signal: NodeJS.Signals): Promise<void> {
    if (!over) await container.kill({ signal });
  }
  async function endBy(stop: () => Promise<unknown>): Promise<ChildEnd> {
    // It may have ended by itself in between.
    if (!over) await stop().catch(() => {});
    await removeAtEnd.catch(() => {});
    return end;
  }
  const stop = (graceMs = 5000): Promise<ChildEnd> => endBy(() => container.stop({ t: Math.ceil(graceMs / 1000) }));
  const child: Child = {
    pid,
    output: () => output,
    sees: (pattern, withinMs = 10_000) =>
      waitForOutput({ command: image, pattern, withinMs, output: () => output, over: () => over }),
    signal: (name) => void send(name).catch(() => {}),
    ended: () => end,
    stop,
    kill: () => endBy(() => send("SIGKILL")),
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
  try {
    if (ready !== undefined) await child.sees(ready, startsWithinMs);
    return child;
  } catch (cause) {
    await child.kill();
    throw new Error(`${image} did not start:\n${output}`, { cause });
  }
}
