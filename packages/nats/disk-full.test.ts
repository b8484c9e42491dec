import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createTemporaryFolder, eventually, natsServersToTry, startNats } from "@messnetz/testing";
import { describe, expect, it } from "vitest";
import { connectNats, declareStream, publishDurably, UnacknowledgedError } from "./index.ts";

const run = promisify(execFile);
const servers = natsServersToTry();
const diskMb = 24;
const fillerBytes = 8 * 1024 ** 2;

describe.skipIf(servers.length === 0)("a full disk (skipped: no nats-server is installed)", () => {
  // Both versions take nothing any more until they are started again, also where the disk has room: docs/operating.md says so.
  it.for(servers)(
    "under nats-server $version loses nothing acknowledged; started again with room it goes on",
    { timeout: 90_000 },
    async ({ version }, context) => {
      await using folder = await createTemporaryFolder();
      try {
        await run("mount", ["-t", "tmpfs", "-o", `size=${diskMb}m`, "tmpfs", folder.path]);
      } catch {
        console.warn("LEFT OUT: JetStream on a full disk; mounting a small one needs root");
        context.skip("mounting a small disk needs root");
      }
      try {
        const filler = join(folder.path, "filler");
        await writeFile(filler, new Uint8Array(fillerBytes));
        await using nats = await startNats({
          version,
          dataFolder: join(folder.path, "data"),
          // More than there is: the server's own limit would else refuse first, which is the way to run it.
          jetstream: ["max_file_store: 1GB"],
        });
        const link = await connectNats({ urls: [nats.url], name: "full" });
        await declareStream(link, {
          name: "TRIAL",
          subjects: ["trial.>"],
          maxBytes: 200_000_000,
          duplicateWindowMs: 60_000,
          replicas: 1,
        });
        const payload = "x".repeat(300_000);
        const acknowledged: number[] = [];
        const publish = async (n: number) =>
          acknowledged.push(
            (await publishDurably(link, { subject: "trial.a", payload, messageId: `${n}`, timeoutMs: 1000 })).seq,
          );
        const untilRefused = async (): Promise<unknown> => {
          for (let n = 0; n < 200; n++) {
            try {
              await publish(n);
            } catch (error) {
              return error;
            }
          }
          return "never refused";
        };
        expect(await untilRefused()).toBeInstanceOf(UnacknowledgedError);
        expect(acknowledged.length).toBeGreaterThan(10);

        await rm(filler);
        await nats.kill();
        await nats.restart();
        await eventually("the connection to be back", () => link.isConnected());
        await eventually("a publish to be taken", async () => (await publish(acknowledged.length)) > 0);
        for (const seq of acknowledged) {
          const message = await link.manager.streams.getMessage("TRIAL", { seq });
          expect(message?.data.length, `message ${seq}`).toBe(payload.length);
        }
        await link.close();
      } finally {
        await run("umount", ["-l", folder.path]);
      }
    },
  );
});
