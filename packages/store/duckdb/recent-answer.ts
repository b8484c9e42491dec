/**
 * Asks at most once at a time, and not again until an answer (a rejection is one too) is `forMs` old: so many may want to know
 * without anybody being asked so often.
 */
export function createRecentAnswer<T>(ask: () => Promise<T>, forMs: number): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let validUntil = Number.POSITIVE_INFINITY;

  function askNow(): Promise<T> {
    validUntil = Number.POSITIVE_INFINITY;
    return ask().finally(() => {
      validUntil = performance.now() + forMs;
    });
  }

  return () => {
    if (answer === undefined || performance.now() >= validUntil) answer = askNow();
    return answer;
  };
}
