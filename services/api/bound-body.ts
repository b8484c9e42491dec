import type { IncomingMessage } from "node:http";

/** Ends the connection with 408 where the body is not whole within `withinMs`. */
export function boundBody(request: IncomingMessage, withinMs: number): void {
  const { headers, socket } = request;
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) return;
  const bound = setTimeout(() => {
    if (request.complete) return;
    socket.end("HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n");
    request.destroy();
  }, withinMs);
  request.once("close", () => clearTimeout(bound));
}
