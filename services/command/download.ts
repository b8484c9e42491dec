import { request as requestPlain, type IncomingMessage } from "node:http";
import { request as requestSecure } from "node:https";

export interface DownloadRequest {
  readonly url: URL;
  readonly token: string;
  readonly signal: AbortSignal;
}

/** No byte for so long: the connection counts as cut. */
const silenceMs = 60_000;

/**
 * The answer, whatever its status, its body not yet read. Other than `fetch` it gives the trailers, of which one is the digest of what was sent. Rejects where
 * none came.
 */
export async function openDownload({ url, token, signal }: DownloadRequest): Promise<IncomingMessage> {
  const request = url.protocol === "https:" ? requestSecure : requestPlain;
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers: { authorization: `Bearer ${token}`, te: "trailers" }, signal });
    asked.setTimeout(silenceMs, () => asked.destroy(new Error(`no byte came for ${silenceMs / 1000} s`)));
    asked.once("response", resolve);
    asked.once("error", reject);
    asked.end();
  });
}
