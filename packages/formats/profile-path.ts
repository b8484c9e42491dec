/** Something said of paths, some of them with placeholders. */
export interface PathTable<T> {
  find(path: string): { readonly entry: T; readonly captured: Readonly<Record<string, string>> } | undefined;
}

const placeholder = /<[a-z][a-z0-9]*>/gu;
const nothingCaptured: Readonly<Record<string, string>> = {};

export function channelPlaceholders(channel: string): readonly string[] {
  return channel.match(placeholder) ?? [];
}

/** Replaces `<n>` by what the path had there. */
export function fillIn(template: string, captured: Readonly<Record<string, string>>): string {
  if (captured === nothingCaptured) return template;
  return template.replaceAll(placeholder, (found) => captured[found.slice(1, -1)] ?? found);
}

/** A path that is written out goes before one with placeholders; of those the first holds. */
export function createPathTable<T>(entries: readonly (readonly [string, T])[]): PathTable<T> {
  const exact = new Map<string, T>();
  const patterns: { readonly pattern: RegExp; readonly entry: T }[] = [];
  for (const [path, entry] of entries) {
    if (/[<*]/u.test(path)) patterns.push({ pattern: toPattern(path), entry });
    else if (!exact.has(path)) exact.set(path, entry);
  }
  return {
    find(path) {
      const entry = exact.get(path);
      if (entry !== undefined) return { entry, captured: nothingCaptured };
      for (const { pattern, entry: candidate } of patterns) {
        const match = pattern.exec(path);
        if (match !== null) return { entry: candidate, captured: match.groups ?? nothingCaptured };
      }
      return undefined;
    },
  };
}

function toPattern(path: string): RegExp {
  const parts = path.split(/(<[a-z][a-z0-9]*>|\*)/u).map((part) => {
    if (part === "*") return ".*";
    const name = /^<([a-z][a-z0-9]*)>$/u.exec(part)?.[1];
    return name === undefined ? part.replaceAll(/[\\^$.*+?()[\]{}|/-]/gu, String.raw`\$&`) : `(?<${name}>[A-Za-z0-9]+)`;
  });
  return new RegExp(`^${parts.join("")}$`, "u");
}
