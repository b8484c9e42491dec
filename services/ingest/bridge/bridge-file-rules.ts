import type { Broker } from "./bridge-file-schema.ts";
import { filtersOverlap, readShare } from "./filter-overlap.ts";

export interface PathMistake {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Names stand for one thing each in the whole file: metrics, remembered deliveries and MESSNETZ_BRIDGE_SESSIONS go by them. */
export function nameMistakes(brokers: readonly Broker[]): readonly PathMistake[] {
  const mistakes: PathMistake[] = [];
  const brokerNames = new Set<string>();
  const sessionNames = new Set<string>();
  for (const [n, broker] of brokers.entries()) {
    if (brokerNames.has(broker.name))
      mistakes.push({ path: ["brokers", n, "name"], message: "expected a name that no other broker has" });
    brokerNames.add(broker.name);
    for (const [m, session] of broker.sessions.entries()) {
      if (sessionNames.has(session.name))
        mistakes.push({
          path: ["brokers", n, "sessions", m, "name"],
          message: "expected a name that no other session of any broker has",
        });
      sessionNames.add(session.name);
    }
  }
  return mistakes;
}

interface PlacedFilter {
  readonly path: readonly PropertyKey[];
  readonly session: string;
  readonly server: string;
  readonly text: string;
  readonly filter: string;
  readonly group: string | undefined;
}

/** Each message of a broker must come by one session only, and a shared subscription is somebody's decision. */
export function filterMistakes(brokers: readonly Broker[]): readonly PathMistake[] {
  const placed: PlacedFilter[] = [];
  const mistakes: PathMistake[] = [];
  for (const [n, broker] of brokers.entries()) {
    for (const [m, session] of broker.sessions.entries()) {
      const here = ["brokers", n, "sessions", m];
      for (const [k, text] of session.topics.entries()) {
        const { group, filter } = readShare(text);
        const path = [...here, "topics", k];
        if (text.startsWith("$share/") && group === undefined)
          mistakes.push({ path, message: "expected $share/<group>/<filter>" });
        else if (group !== undefined && !session.shared)
          mistakes.push({
            path,
            message:
              "expected shared: true beside a $share filter, as a stated choice: the broker keeps sending a member that is away its share, and hands over to nobody what that member has not acknowledged",
          });
        placed.push({ path, session: session.name, server: serverOf(broker.url), text, filter, group });
      }
      if (session.shared && session.topics.every((text) => readShare(text).group === undefined))
        mistakes.push({ path: [...here, "shared"], message: "expected a $share/<group>/<filter> among the topics" });
    }
  }
  return [...mistakes, ...overlaps(placed)];
}

function overlaps(placed: readonly PlacedFilter[]): readonly PathMistake[] {
  const mistakes: PathMistake[] = [];
  for (const [at, later] of placed.entries()) {
    const earlier = placed.slice(0, at).find((other) => {
      const isSharing = later.group !== undefined && later.group === other.group;
      return (
        other.session !== later.session &&
        other.server === later.server &&
        !isSharing &&
        filtersOverlap(other.filter, later.filter)
      );
    });
    if (earlier !== undefined)
      mistakes.push({
        path: later.path,
        message: `expected filters that no other session of this broker has: session ${later.session} (${later.text}) and session ${earlier.session} (${earlier.text}) would both get the same messages`,
      });
  }
  return mistakes;
}

function serverOf(url: string): string {
  return new URL(url).host;
}

/** Pairs of filters of one session that match the same topics: some brokers then send such a message twice. */
export function ownOverlaps(topics: readonly string[]): readonly (readonly [string, string])[] {
  return topics.flatMap((one, at) =>
    topics
      .slice(at + 1)
      .filter((other) => filtersOverlap(readShare(one).filter, readShare(other).filter))
      .map((other) => [one, other] as const),
  );
}
