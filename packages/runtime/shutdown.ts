import type { EventEmitter } from "node:events";
import type { Logger } from "./log.ts";

export interface Shutdown {
  /** Aborts when closing begins: what waits for new work stops waiting. */
  readonly signal: AbortSignal;
  /** Something was opened: it is closed before everything that was opened earlier. */
  defer(name: string, close: () => void | Promise<void>): void;
  /** Closes all in reverse order, each step at most `stepTimeoutMs`. Once; later calls give the same promise. True when every step went well. */
  close(reason: string): Promise<boolean>;
  /** The process cannot go on: closes all, and ends the process with exit code 1. */
  fail(reason: string): void;
  /**
   * From now on SIGTERM and SIGINT close and end the process (exit code 0, or 1 when a step failed); a second one, a while later, ends it at once
   * (exit code 1). An error that nobody caught ends it at once too: what is not acknowledged will be sent again.
   */
  listen(): void;
}

export interface ShutdownOptions {
  readonly log: Logger;
  readonly stepTimeoutMs: number;
  /** Milliseconds, monotonic. Absent: `performance.now`. */
  readonly now?: () => number;
  /** Absent: this process. */
  readonly process?: EventEmitter & { exit(code: number): void };
}

/** A terminal sends its interrupt to npm and to us, and npm passes it on: within this time two signals are one. */
const sameSignalMs = 1000;

export function createShutdown(options: ShutdownOptions): Shutdown {
  const { log, stepTimeoutMs } = options;
  const host = options.process ?? process;
  const steps: { readonly name: string; readonly close: () => void | Promise<void> }[] = [];
  const controller = new AbortController();
  const now = options.now ?? (() => performance.now());
  let closing: Promise<boolean> | undefined;
  let signalledAt = Number.NEGATIVE_INFINITY;

  async function closeStep(step: (typeof steps)[number]): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`not closed within ${stepTimeoutMs} ms`)), stepTimeoutMs);
    });
    try {
      await Promise.race([step.close(), late]);
      return true;
    } catch (error) {
      log.error({ err: error, step: step.name }, "could not close in order");
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  async function closeAll(reason: string): Promise<boolean> {
    log.info({ reason }, "closing");
    controller.abort(new Error(`closing: ${reason}`));
    let well = true;
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) well = (await closeStep(step)) && well;
    log.info({ reason }, "closed");
    return well;
  }

  function close(reason: string): Promise<boolean> {
    closing ??= closeAll(reason);
    return closing;
  }

  function endAfter(reason: string, exitCode: (well: boolean) => number): void {
    close(reason).then(
      (well) => host.exit(exitCode(well)),
      (error: unknown) => {
        log.fatal({ err: error }, "closing failed");
        host.exit(1);
      },
    );
  }

  function onSignal(name: string): void {
    const sinceFirstMs = now() - signalledAt;
    if (closing !== undefined && sinceFirstMs < sameSignalMs) return;
    if (closing !== undefined) {
      log.error({ reason: name }, "ended by a second signal before everything was closed");
      host.exit(1);
      return;
    }
    signalledAt = now();
    endAfter(name, (well) => (well ? 0 : 1));
  }

  return {
    signal: controller.signal,
    defer(name, closeIt) {
      if (closing !== undefined) throw new Error(`${name}: opened while the process was closing`);
      steps.push({ name, close: closeIt });
    },
    close,
    fail: (reason) => endAfter(reason, () => 1),
    listen() {
      for (const name of ["SIGTERM", "SIGINT"]) host.on(name, () => onSignal(name));
      for (const name of ["uncaughtException", "unhandledRejection"]) {
        host.on(name, (error: unknown) => {
          log.fatal({ err: error }, "an error that nobody caught");
          host.exit(1);
        });
      }
    },
  };
}
