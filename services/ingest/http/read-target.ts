import { DoorProblem } from "./problem.ts";

/** What a request is to: a message, the pieces of one body as messages of one topic, or items that bring their topics. */
export type Target =
  | { readonly kind: "message"; readonly topic: string }
  | { readonly kind: "pieces"; readonly topic: string; readonly each: PieceKind }
  | { readonly kind: "items"; readonly each: PieceKind };

/** How a body is cut: at line feeds, or into the elements of a JSON array. */
export type PieceKind = "line" | "item";

export const messagesPath = "/api/v1/messages";

const lineTypes = new Set(["application/x-ndjson", "application/ndjson", "application/jsonl"]);
/** MQTT 5.0, 1.5.4. */
const maxTopicBytes = 65_535;

/** Throws a `DoorProblem` that says what was expected. `type`: the content type, as it came. */
export function readTarget(url: string, type: string | undefined): Target {
  const [path = "", query = ""] = url.split(/\?(.*)/s, 2);
  const each = readEach(query);
  if (path === messagesPath) return { kind: "items", each: each ?? kindOf(type) };
  if (!path.startsWith(`${messagesPath}/`)) throw new DoorProblem("not-found", `expected POST ${messagesPath}/<topic>`);
  const topic = readTopic(path.slice(messagesPath.length + 1));
  return each === undefined ? { kind: "message", topic } : { kind: "pieces", topic, each };
}

/** Other parameters are left alone: ChirpStack's HTTP integration adds one that names the event. */
function readEach(query: string): PieceKind | undefined {
  const [value, second] = new URLSearchParams(query).getAll("each");
  if (value === undefined) return undefined;
  if (second === undefined && (value === "line" || value === "item")) return value;
  throw new DoorProblem("invalid-request", `expected each=line or each=item once; came ${value.slice(0, 50)}`);
}

function kindOf(type: string | undefined): PieceKind {
  const essence = type?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (lineTypes.has(essence)) return "line";
  if (essence === "application/json") return "item";
  throw new DoorProblem(
    "unsupported-media-type",
    `expected application/x-ndjson (an item on each line) or application/json (an array of items); came ${essence || "no content type"}`,
  );
}

function readTopic(path: string): string {
  let topic: string;
  try {
    topic = decodeURIComponent(path);
  } catch {
    throw new DoorProblem("invalid-request", "expected a topic in UTF-8, percent-encoded where it needs to be");
  }
  const wrong = topicMistake(topic);
  if (wrong !== undefined) throw new DoorProblem("invalid-request", wrong);
  return topic;
}

/** What is wrong with a topic to be published to (MQTT 5.0, 3.3.2.1 and 4.7.3); undefined: nothing. */
export function topicMistake(topic: string): string | undefined {
  if (topic === "") return "expected a topic; it is empty";
  if (/[+#]/.test(topic)) return "expected a topic without the wild cards + and #";
  if (topic.includes("\0")) return "expected a topic without NUL";
  if (!topic.isWellFormed()) return "expected a topic of whole characters; half of a surrogate pair came";
  if (Buffer.byteLength(topic) > maxTopicBytes) return `expected a topic of at most ${maxTopicBytes} bytes`;
  return undefined;
}
