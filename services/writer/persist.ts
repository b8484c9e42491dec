import { type BackOff, createBackOff } from "@messnetz/runtime";

export interface PersistOptions {
  readonly onFailed: (error: unknown, failingForMs: number) => void;
  readonly onRecovered: (afterMs: number) => void;
  readonly backOff?: BackOff;
}

export interface PersistingOptions {
  /** Ends the waiting: rejects with its reason. */
  readonly signal: AbortSignal;
  /** Whether it may still be repeated: rejects where not. */
  readonly beforeRepeat?: () => Promise<void>;
}

/** Calls until it resolves. */
export type Persist = <R>(call: () => Promise<R>, options: PersistingOptions) => Promise<R>;

export interface Persistence {
  persist: Persist;
  /** Why the last call failed, while none has resolved since. */
  trouble(): string | undefined;
}

/** Asks again, with back-off and jitter, for as long as the store is away; a `retryAfterMs` of the error is honoured. */
export function createPersistence(options: PersistOptions): Persistence {
  const backOff = options.backOff ?? createBackOff({ firstMs: 100, maxMs: 5000 });
  let failingSince: number | undefined;
  let trouble: string | undefined;

  function recover(): void {
    if (failingSince === undefined) return;
    options.onRecovered(performance.now() - failingSince);
    failingSince = undefined;
    trouble = undefined;
    backOff.reset();
  }

  return {
    trouble: () => trouble,
    async persist(call, { signal, beforeRepeat }) {
      for (;;) {
        try {
          const result = await call();
          recover();
          return result;
        } catch (error) {
          failingSince ??= performance.now();
          trouble = error instanceof Error ? error.message : String(error);
          options.onFailed(error, performance.now() - failingSince);
          await backOff.wait(signal, askedMs(error));
        }
        signal.throwIfAborted();
        await beforeRepeat?.();
      }
    },
  };
}

function askedMs(error: unknown): number {
  const { retryAfterMs } = error as { readonly retryAfterMs?: unknown };
  return typeof retryAfterMs === "number" ? retryAfterMs : 0;
}
