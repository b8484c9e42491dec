import type { JsMsg } from "@nats-io/jetstream";
import type { ForeignChange } from "../documents.ts";
import { RegistryError } from "../error.ts";
import { parseChangeText } from "./change-text.ts";

/** The stream of changes. A change is one message, or several that follow each other without a gap: then the last one makes it true. */
export const changeLog = { stream: "REGISTRY", subject: "registry.v1.changes" } as const;

const schemaHeader = "Messnetz-Schema";
const schema = "registry.v1";
const changeHeader = "Messnetz-Change";
const partHeader = "Messnetz-Part";

export function changeHeaders(id: string, part: { readonly index: number; readonly count: number }) {
  return { [schemaHeader]: schema, [changeHeader]: id, [partHeader]: `${part.index + 1}/${part.count}` };
}

/** A change as it stands in the log. */
export interface LoggedChange {
  readonly id: string;
  /** Of its last message. */
  readonly sequence: number;
  readonly changes: readonly ForeignChange[];
}

/** Puts changes together from the messages of the log, in its order. */
export interface ChangeAssembler {
  /** The change, once its last message came. What a process began and did not end, or whose beginning was settled, is left out. */
  take(message: Pick<JsMsg, "seq" | "headers" | "string">): LoggedChange | undefined;
}

export function createChangeAssembler(): ChangeAssembler {
  let id: string | undefined;
  let next = 1;
  let texts: string[] = [];

  return {
    take(message) {
      const { change, index, count } = readHeaders(message);
      if (index === 1) [id, next, texts] = [change, 1, []];
      if (change !== id || index !== next) {
        id = undefined;
        return undefined;
      }
      texts.push(message.string());
      next++;
      if (index < count) return undefined;
      return { id: change, sequence: message.seq, changes: texts.flatMap((text) => parse(text, message.seq)) };
    },
  };
}

function parse(text: string, sequence: number): readonly ForeignChange[] {
  try {
    return parseChangeText(text);
  } catch (cause) {
    throw new RegistryError("corrupt", `message ${sequence} of ${changeLog.stream}: expected changes as JSON lines`, {
      cause,
    });
  }
}

function readHeaders({ seq, headers }: Pick<JsMsg, "seq" | "headers">): {
  readonly change: string;
  readonly index: number;
  readonly count: number;
} {
  const came = headers?.get(schemaHeader) ?? "";
  if (came !== schema && came.startsWith("registry.")) {
    throw new RegistryError(
      "newer_schema",
      `message ${seq} of ${changeLog.stream}: expected ${schema}, came ${came}; a later version of Messnetz wrote it, use that one`,
    );
  }
  const part = /^(\d+)\/(\d+)$/.exec(headers?.get(partHeader) ?? "");
  if (came !== schema || part === null) {
    throw new RegistryError("corrupt", `message ${seq} of ${changeLog.stream}: expected a change of the registry`);
  }
  return { change: headers!.get(changeHeader), index: Number(part[1]), count: Number(part[2]) };
}
