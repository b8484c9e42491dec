/** Some that follow each other: of a town's newest, one or two change within a second. */
const perBlock = 32;

interface Block<T, R> {
  readonly of: readonly T[];
  readonly result: R;
}

/**
 * What `make` made of lists, some of them at a time: it serves again as long as those are the same objects. Remembers no longer than the
 * first of them lives.
 */
export function createKeptBlocks<T extends object, R>(make: (some: readonly T[]) => R) {
  const kept = new WeakMap<T, Block<T, R>>();

  function blockAt(all: readonly T[], from: number): R {
    const first = all[from]!;
    const to = Math.min(all.length, from + perBlock);
    const known = kept.get(first);
    if (known !== undefined && isSame(known.of, all, { from, to })) return known.result;
    const of = all.slice(from, to);
    const result = make(of);
    kept.set(first, { of, result });
    return result;
  }

  return (all: readonly T[]): readonly R[] =>
    Array.from({ length: Math.ceil(all.length / perBlock) }, (_, n) => blockAt(all, n * perBlock));
}

function isSame<T>(
  of: readonly T[],
  all: readonly T[],
  { from, to }: { readonly from: number; readonly to: number },
): boolean {
  if (of.length !== to - from) return false;
  for (let n = 0; n < of.length; n++) if (of[n] !== all[from + n]) return false;
  return true;
}
