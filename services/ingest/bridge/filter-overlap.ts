/** `$share/<group>/<filter>` (MQTT 5.0, 4.8.2): the group, and the filter that topics are held against. */
export function readShare(filter: string): { readonly group: string | undefined; readonly filter: string } {
  const match = /^\$share\/([^/+#]+)\/(.+)$/s.exec(filter);
  return match === null ? { group: undefined, filter } : { group: match[1]!, filter: match[2]! };
}

/**
 * Whether there is a topic that both filters match (MQTT 5.0, 4.7): subscribers of the two would both get it. A filter that begins with a
 * wild card matches no topic that begins with `$`.
 */
export function filtersOverlap(one: string, other: string): boolean {
  const a = one.split("/");
  const b = other.split("/");
  if (isHidden(a[0]!, b[0]!) || isHidden(b[0]!, a[0]!)) return false;
  for (let at = 0; ; at++) {
    // `a/#` matches `a` too, so what ended here still meets a `#`.
    if (a[at] === "#" || b[at] === "#") return true;
    if (at === a.length || at === b.length) return a.length === b.length;
    if (a[at] !== "+" && b[at] !== "+" && a[at] !== b[at]) return false;
  }
}

function isHidden(level: string, from: string): boolean {
  return level.startsWith("$") && (from === "+" || from === "#");
}
