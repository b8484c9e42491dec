/** Resolves when the work can be done, with words where something is odd all the same; rejects with the reason when it cannot. */
export type HealthCheck = (signal: AbortSignal) => string | undefined | void | Promise<string | undefined | void>;

export interface CheckReport {
  readonly ok: boolean;
  /** What is wrong, or odd where it is `ok`. */
  readonly reason?: string;
}

export interface HealthReport {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, CheckReport>>;
}

export interface Health {
  /** Not ready until everything that was named is well. */
  add(name: string, check: HealthCheck): void;
  /** Not ready any more, whatever the checks say: the process is starting or closing. Undefined takes it back. */
  hold(reason: string | undefined): void;
  /** Whether the process itself works: asks no check, since a restart cures no outage of others. */
  live(): HealthReport;
  /** Asks all checks side by side, each for at most the time limit. */
  ready(): Promise<HealthReport>;
}

/** `timeoutMs`: how long a check may take before it counts as failed. */
export function createHealth(options: { readonly timeoutMs: number }): Health {
  const checks = new Map<string, HealthCheck>();
  let held: string | undefined;

  async function ask(check: HealthCheck): Promise<CheckReport> {
    const signal = AbortSignal.timeout(options.timeoutMs);
    const expired = new Promise<never>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error(`no answer within ${options.timeoutMs} ms`)), {
        once: true,
      });
    });
    try {
      // A check may also throw at once: the race must have begun by then, else nobody hears that the time is over.
      const odd = await Promise.race([Promise.try(check, signal), expired]);
      return odd === undefined ? { ok: true } : { ok: true, reason: odd };
    } catch (error) {
      return { ok: false, reason: error instanceof Error ? error.message : String(error) };
    }
  }

  return {
    add(name, check) {
      if (checks.has(name)) throw new Error(`health check ${name}: expected a new name, came one that is taken`);
      checks.set(name, check);
    },
    hold(reason) {
      held = reason;
    },
    live: () => ({ ok: true, checks: {} }),
    async ready() {
      const named = await Promise.all([...checks].map(async ([name, check]) => [name, await ask(check)] as const));
      const reports: Record<string, CheckReport> = Object.fromEntries(named);
      if (held !== undefined) reports["process"] = { ok: false, reason: held };
      return { ok: Object.values(reports).every((report) => report.ok), checks: reports };
    },
  };
}
