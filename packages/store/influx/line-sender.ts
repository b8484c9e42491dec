import { HttpError } from "@influxdata/influxdb-client";
import type { RefusedObservation } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { type Answer, kindOf } from "./failure.ts";
import { createWriteApi } from "./write-api.ts";

/** Lines of one request: InfluxDB's own advice is 5,000 to 10,000. */
const linesPerRequest = 10_000;
/** 1.x takes a body of 25 MB (`max-body-size`) unless told otherwise; a character may be three bytes. */
const charactersPerRequest = 6_000_000;

/** A line, and which observation it is. */
interface Line {
  readonly index: number;
  readonly text: string;
}

export interface LineSender {
  /**
   * Durable when it resolves, but for the lines given back. `toText` makes a line without its end; it is asked again where a request is refused.
   * Rejects with a `StoreUnavailableError` when not all may be taken for stored.
   */
  send<T extends { readonly index: number }>(
    lines: readonly T[],
    toText: (line: T) => string,
  ): Promise<readonly RefusedObservation[]>;
}

/** What a search for bad lines has seen so far. */
interface Search {
  /** Some lines were stored. */
  isTaken: boolean;
  /** The server spoke of lines, not of the request. */
  isOfLines: boolean;
}

const ofLines = /partial write|unable to parse|dropped|field type|retention|points? beyond|outside|too large|invalid/i;
const what = "take observations";

export function createLineSender(connection: Connection, generation: 1 | 2): LineSender {
  const { failures } = connection;
  const api = createWriteApi(connection, generation);

  /** One request. Undefined when it was taken whole, else what the server says of it. */
  async function post(body: string): Promise<Answer | undefined> {
    try {
      // All lines are one record of the client's buffer: only `flush` sends it, and tells how that ended.
      api.writeRecord(body);
      await api.flush();
      return undefined;
    } catch (error) {
      if (!(error instanceof HttpError)) throw failures.unavailable(what, error);
      const retryAfter = error.headers?.["retry-after"];
      const answer: Answer = {
        status: error.statusCode,
        text: error.body ?? error.message,
        retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
      };
      if (kindOf(answer) !== "refused") throw failures.refusal(what, answer);
      return answer;
    }
  }

  /** Halves what is refused until the lines at fault are found. A good line is stored when a request with it is taken whole. */
  async function seek(lines: readonly Line[], search: Search): Promise<readonly RefusedObservation[]> {
    const answer = await post(lines.map(({ text }) => text).join("\n"));
    if (answer === undefined) {
      search.isTaken = true;
      return [];
    }
    search.isOfLines ||= ofLines.test(answer.text);
    if (lines.length === 1 || droppedOf(answer) === lines.length) {
      const reason = `InfluxDB refused the line with ${answer.status}: ${sayReason(answer)}`;
      return lines.map(({ index }) => ({ index, reason }));
    }
    const middle = Math.ceil(lines.length / 2);
    return [...(await seek(lines.slice(0, middle), search)), ...(await seek(lines.slice(middle), search))];
  }

  async function sendRequest(body: string, linesOf: () => readonly Line[]): Promise<readonly RefusedObservation[]> {
    const answer = await post(body);
    if (answer === undefined) return [];
    const search: Search = { isTaken: false, isOfLines: ofLines.test(answer.text) };
    // What is wrong is often all of one measurement: side by side it is found in few steps.
    const refused = await seek(linesOf().toSorted(compareText), search);
    if (refused.length > 0 && !search.isTaken && !search.isOfLines) throw failures.refusal(what, answer);
    return refused;
  }

  return {
    async send(lines, toText) {
      const refused: RefusedObservation[] = [];
      let first = 0;
      while (first < lines.length) {
        let body = toText(lines[first]!);
        let end = first + 1;
        for (; end < lines.length && end - first < linesPerRequest; end++) {
          const text = toText(lines[end]!);
          if (body.length + text.length > charactersPerRequest) break;
          body += `\n${text}`;
        }
        const some = lines.slice(first, end);
        refused.push(
          ...(await sendRequest(body, () => some.map((line) => ({ index: line.index, text: toText(line) })))),
        );
        first = end;
      }
      return refused.sort((a, b) => a.index - b.index);
    },
  };
}

function compareText(a: Line, b: Line): number {
  if (a.text === b.text) return 0;
  return a.text < b.text ? -1 : 1;
}

/** How many lines were left out, where the server says it. */
function droppedOf({ text }: Answer): number | undefined {
  const count = /dropped=(\d+)/.exec(text)?.[1];
  return count === undefined ? undefined : Number(count);
}

/** The message of the JSON of 1.x or 2.x, else the text. */
function sayReason({ text }: Answer): string {
  return /"(?:error|message)":\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]?.replaceAll(String.raw`\"`, '"') ?? text.trim();
}
