import { type Duplex, pipeline, Readable } from "node:stream";
import { promisify } from "node:util";
import {
  brotliCompress,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  gzip,
  zstdCompress,
} from "node:zlib";
import type { ApiServer } from "./api-server.ts";

/** Quick ones: an answer is made once and read once, and two cores serve the town. */
const gzipOptions = { level: 4 };
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } };
const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

interface Coding {
  readonly name: string;
  readonly whole: (content: Buffer | string) => Promise<Buffer>;
  readonly stream: () => Duplex;
}

const gzipWhole = promisify(gzip);
const brotliWhole = promisify(brotliCompress);
const zstdWhole = promisify(zstdCompress);

/** Those that we like best first. */
const codings: readonly Coding[] = [
  {
    name: "zstd",
    whole: async (content) => zstdWhole(content, zstdOptions),
    stream: () => createZstdCompress(zstdOptions),
  },
  {
    name: "br",
    whole: async (content) => brotliWhole(content, brotliOptions),
    stream: () => createBrotliCompress(brotliOptions),
  },
  { name: "gzip", whole: async (content) => gzipWhole(content, gzipOptions), stream: () => createGzip(gzipOptions) },
];

/** Below that a packet is a packet. */
const smallestBytes = 1400;
const compressible = /^(?:text\/|application\/(?:[\w.+-]*json\b|vnd\.apache\.arrow))/;

/**
 * Answers to GET in the coding that the client likes best (RFC 9110, 12.5.3), as they are made: streams stay streams, and end with their client. What
 * shows a secret answers to POST, and is never compressed with what somebody else may choose.
 */
export function addCompression(server: ApiServer): void {
  server.addHook("onSend", async (request, reply, payload) => {
    if (request.method !== "GET" || reply.statusCode !== 200) return payload;
    if (!compressible.test(String(reply.getHeader("content-type"))) || reply.hasHeader("content-encoding"))
      return payload;
    void reply.header(
      "vary",
      [reply.getHeader("vary"), "accept-encoding"].filter((one) => one !== undefined).join(", "),
    );
    const coding = chooseCoding(request.headers["accept-encoding"]);
    if (coding === undefined) return payload;
    if (payload instanceof Readable) {
      void reply.header("content-encoding", coding.name).removeHeader("content-length");
      // Whichever of the two fails or is left destroys the other; the reply hears of it from the coded one.
      return pipeline(payload, coding.stream(), () => undefined);
    }
    if (!(typeof payload === "string" || Buffer.isBuffer(payload)) || payload.length < smallestBytes) return payload;
    const coded = await coding.whole(payload);
    void reply.header("content-encoding", coding.name).removeHeader("content-length");
    return coded;
  });
}

/** The coding of the greatest weight; undefined for none. */
export function chooseCoding(header: string | undefined): Coding | undefined {
  if (header === undefined) return undefined;
  const weights = new Map(
    header.split(",").map((part) => {
      const [name = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
      const weight = parameters.find((text) => text.startsWith("q="));
      return [name, weight === undefined ? 1 : Number(weight.slice(2))] as const;
    }),
  );
  const weightOf = (name: string) => weights.get(name) ?? weights.get("*") ?? 0;
  const best = Math.max(...codings.map(({ name }) => weightOf(name) || 0));
  return best > 0 ? codings.find(({ name }) => weightOf(name) === best) : undefined;
}
