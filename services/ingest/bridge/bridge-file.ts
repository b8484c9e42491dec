import { access, constants, readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { withoutUserInfo } from "@messnetz/runtime";
import { type Document, isCollection, isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import { bridgeFileSchema, type Broker, type BrokerSession } from "./bridge-file-schema.ts";
import { filterMistakes, nameMistakes, type PathMistake } from "./bridge-file-rules.ts";

/** Every mistake of the file at once, each with its line. */
export class BridgeFileError extends Error {
  override readonly name = "BridgeFileError";

  constructor(file: string, mistakes: readonly { readonly line: number; readonly message: string }[]) {
    const lines = mistakes.toSorted((a, b) => a.line - b.line).map(({ line, message }) => `  line ${line}: ${message}`);
    super(
      `${file} (MESSNETZ_BRIDGES_FILE) has ${mistakes.length} mistake${mistakes.length === 1 ? "" : "s"}:\n${lines.join("\n")}`,
    );
  }
}

/** One named session at a broker, as a process runs it. Paths are absolute. */
export interface BridgePlan {
  readonly broker: Omit<Broker, "sessions">;
  readonly session: BrokerSession;
}

/** The name under which its deliveries and its session are remembered. */
export function clientOf({ broker, session }: BridgePlan): string {
  return `${broker.source}/${session.name}`;
}

/** The longest that an alias may be repeated: the file has few. */
const maxAliases = 100;

/**
 * Reads the file of brokers and sessions. Names of files in it are told from its folder. `only`: the names of the sessions that this
 * process runs; empty: all. Rejects with a `BridgeFileError` that names every mistake, also of the sessions that others run.
 */
export async function readBridgeFile(file: string, only: readonly string[] = []): Promise<readonly BridgePlan[]> {
  const lines = new LineCounter();
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  const document = parseDocument(await readFile(file, "utf8"), { lineCounter: lines, prettyErrors: false });
  const unreadable = [...document.errors, ...document.warnings];
  if (unreadable.length > 0)
    throw new BridgeFileError(
      file,
      unreadable.map(({ pos, message }) => ({ line: lineOf(pos[0]), message })),
    );
  const content: unknown = document.toJS({ maxAliasCount: maxAliases });
  const parsed = bridgeFileSchema.safeParse(content);
  const found: PathMistake[] = (parsed.error?.issues ?? []).map(({ path, message }) => ({
    path,
    message: message.replace(/^Invalid input: /, ""),
  }));
  const brokers = (parsed.data?.brokers ?? []).map((broker) => withAbsolutePaths(broker, dirname(resolve(file))));
  found.push(...nameMistakes(brokers), ...filterMistakes(brokers));
  for (const [at, broker] of brokers.entries()) found.push(...(await unreadableFiles(broker, ["brokers", at])));
  const names = brokers.flatMap(({ sessions }) => sessions.map(({ name }) => name));
  for (const name of parsed.success ? only : [])
    if (!names.includes(name))
      found.push({
        path: [],
        message: `MESSNETZ_BRIDGE_SESSIONS names ${name}; the file has the sessions ${names.join(", ")}`,
      });
  if (found.length > 0)
    throw new BridgeFileError(
      file,
      found.map(({ path, message }) => ({
        line: lineOf(offsetOf(document, path)),
        message: `${path.join(".") || "the whole"}: ${message}${cameAt(content, path)}`,
      })),
    );
  return brokers.flatMap(({ sessions, ...broker }) =>
    sessions.filter(({ name }) => only.length === 0 || only.includes(name)).map((session) => ({ broker, session })),
  );
}

function withAbsolutePaths(broker: Broker, folder: string): Broker {
  const { tls, passwordFile } = broker;
  const absolute = (path: string | undefined, key: string): object =>
    path === undefined ? {} : { [key]: resolve(folder, path) };
  return {
    ...broker,
    ...absolute(passwordFile, "passwordFile"),
    ...(tls !== undefined && {
      tls: { ...tls, ...absolute(tls.ca, "ca"), ...absolute(tls.cert, "cert"), ...absolute(tls.key, "key") },
    }),
  };
}

async function unreadableFiles(broker: Broker, path: readonly PropertyKey[]): Promise<readonly PathMistake[]> {
  const files: readonly (readonly [readonly PropertyKey[], string | undefined])[] = [
    [["passwordFile"], broker.passwordFile],
    [["tls", "ca"], broker.tls?.ca],
    [["tls", "cert"], broker.tls?.cert],
    [["tls", "key"], broker.tls?.key],
  ];
  const mistakes: PathMistake[] = [];
  for (const [keys, name] of files) {
    if (name === undefined) continue;
    try {
      await access(name, constants.R_OK);
    } catch {
      mistakes.push({ path: [...path, ...keys], message: `expected a file that can be read (${name})` });
    }
  }
  return mistakes;
}

/** Only words and numbers are shown. */
function cameAt(content: unknown, path: readonly PropertyKey[]): string {
  let came: unknown = content;
  for (const step of path) came = (came as Record<PropertyKey, unknown> | null | undefined)?.[step];
  if (came === undefined) return ", came nothing";
  return typeof came === "object" ? "" : `, came ${withoutUserInfo(JSON.stringify(came))}`;
}

/** Where the value of the path stands, or what is nearest to it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = (node as Node | null)?.range?.[0] ?? 0;
  for (const step of path) {
    if (!isCollection(node)) return offset;
    const next: unknown = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      : node.items[Number(step)];
    if (next === undefined) return offset;
    const at = isPair(next) ? next.key : next;
    offset = (at as Node | null)?.range?.[0] ?? offset;
    node = isPair(next) ? next.value : next;
  }
  return offset;
}
