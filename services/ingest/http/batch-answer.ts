import type { ServerResponse } from "node:http";
import { safeHeaders } from "./problem.ts";

/** The lines of an answer, in the order of what they answer, whenever they are known. */
export interface BatchAnswer {
  /** A place for one more line. Gives how to fill it. */
  reserve(): (line: object) => void;
  /** Writes what is known up to the first that is not. */
  flush(): void;
  /** Nothing was written yet: another status is possible. */
  isBegun(): boolean;
  /** The client has left more unread than the connection holds. */
  isBackedUp(): boolean;
  /** Lines that are not known yet. */
  open(): number;
  /** Writes the last line. `whole`: the answer ends as it should; else it is cut behind it, so that no client takes it for whole. */
  end(line: object, how: "whole" | "cut"): void;
}

/** Lines are joined up to so much before they are written. */
const pieceLength = 65_536;
/** A client that was told the end has so long to take it. */
const partingMs = 2000;

export function createBatchAnswer(response: ServerResponse): BatchAnswer {
  /** From the first that is not written. */
  let places: { line: object | undefined }[] = [];
  let written = 0;
  let open = 0;
  let isBackedUp = false;

  function begin(): void {
    if (!response.headersSent)
      response.writeHead(200, {
        ...safeHeaders,
        "content-type": "application/x-ndjson",
        // What a proxy gathers, the client does not see.
        "x-accel-buffering": "no",
      });
  }

  function write(text: string): void {
    if (response.destroyed || text === "") return;
    begin();
    if (!response.write(text)) isBackedUp = true;
  }

  response.on("drain", () => (isBackedUp = false));

  function flush(): void {
    let text = "";
    for (; written < places.length; written++) {
      const { line } = places[written]!;
      if (line === undefined) break;
      text += `${JSON.stringify(line)}\n`;
      if (text.length < pieceLength) continue;
      write(text);
      text = "";
    }
    write(text);
    if (written < 4096 && written < places.length) return;
    places = places.slice(written);
    written = 0;
  }

  return {
    reserve() {
      const place: { line: object | undefined } = { line: undefined };
      places.push(place);
      open++;
      return (line) => {
        if (place.line === undefined) open--;
        place.line = line;
      };
    },
    flush,
    isBegun: () => response.headersSent,
    isBackedUp: () => isBackedUp,
    open: () => open,
    end(line, how) {
      flush();
      const text = `${JSON.stringify(line)}\n`;
      if (how === "whole") {
        begin();
        response.end(text);
        return;
      }
      begin();
      // The end of a chunked answer is missing: the client's HTTP says so.
      response.write(text, () => response.socket?.end());
      setTimeout(() => response.destroy(), partingMs).unref();
    },
  };
}
