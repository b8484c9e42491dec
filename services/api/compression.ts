import { promisify } from "node:util";
import { brotliCompress, constants, gzip, zstdCompress } from "node:zlib";
import type { ApiServer } from "./api-server.ts";

interface Coding {
  readonly name: string;
  readonly encode: (content: Buffer | string) => Promise<Buffer>;
}

const gzipWhole = promisify(gzip);
const brotliWhole = promisify(brotliCompress);
const zstdWhole = promisify(zstdCompress);

/** Those that we like best first; quick levels, as an answer is made once and read once, and two cores serve the town. */
const codings: readonly Coding[] = [
  {
    name: "zstd",
    encode: async (content) => zstdWhole(content, { params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
  },
  {
    name: "br",
    encode: async (content) => brotliWhole(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }),
  },
  { name: "gzip", encode: async (content) => gzipWhole(content, { level: 4 }) },
];

/** What fits into one packet is not made smaller. */
const smallestBytes = 1400;
const compressible = /^(?:text\/|application\/[\w.+-]*json\b)/;

/**
 * Answers to GET in the coding that the client likes best (RFC 9110, 12.5.3). Files that are streamed stay as they are: their caller says how they
 * are compressed, and their digest is over what is sent. What shows a secret answers to POST, and is never compressed with what somebody else may
 * choose.
 */
export function addCompression(server: ApiServer): void {
  const encode = createEncoder();
  server.addHook("onSend", async (request, reply, payload) => {
    if (request.method !== "GET" || reply.statusCode !== 200) return payload;
    if (!(typeof payload === "string" || Buffer.isBuffer(payload))) return payload;
    if (!compressible.test(String(reply.getHeader("content-type")))) return payload;
    const vary = [reply.getHeader("vary"), "accept-encoding"].filter((one) => one !== undefined);
    void reply.header("vary", vary.join(", "));
    const coding = chooseCoding(request.headers["accept-encoding"]);
    if (coding === undefined || payload.length < smallestBytes) return payload;
    const coded = await encode(coding, payload);
    void reply.header("content-encoding", coding.name).removeHeader("content-length");
    return coded;
  });
}

/** An answer that is sent again, the same object, is made smaller once. What was made of it lives no longer than it. */
function createEncoder() {
  const made = new WeakMap<Buffer, Map<Coding, Promise<Buffer>>>();
  return (coding: Coding, content: Buffer | string): Promise<Buffer> => {
    if (typeof content === "string") return coding.encode(content);
    const codes = made.get(content) ?? new Map<Coding, Promise<Buffer>>();
    const code = codes.get(coding) ?? coding.encode(content);
    made.set(content, codes.set(coding, code));
    return code;
  };
}

/** The coding of the greatest weight; undefined for none. */
function chooseCoding(header: string | undefined): Coding | undefined {
  if (header === undefined) return undefined;
  const weights = new Map(
    header.split(",").map((part) => {
      const [name = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
      const weight = parameters.find((text) => text.startsWith("q="));
      return [name, weight === undefined ? 1 : Number(weight.slice(2)) || 0] as const;
    }),
  );
  const weightOf = ({ name }: Coding) => weights.get(name) ?? weights.get("*") ?? 0;
  const best = Math.max(...codings.map(weightOf));
  return best > 0 ? codings.find((coding) => weightOf(coding) === best) : undefined;
}
