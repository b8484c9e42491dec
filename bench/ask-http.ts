import { Agent, request } from "node:http";

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Asks as a program on the same machine does, over a connection that stays, uncompressed; resolves with the bytes of the whole answer. */
export function askHttp(url: string, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, "accept-encoding": "identity" };
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent, headers }, (reply) => {
      let bytes = 0;
      let refusal = "";
      reply.on("data", (part: Buffer) => {
        bytes += part.length;
        if (reply.statusCode !== 200) refusal += part.toString("utf8");
      });
      reply.on("error", reject);
      reply.on("end", () => {
        if (reply.statusCode === 200) resolve(bytes);
        else reject(new Error(`${url}: expected 200, came ${reply.statusCode} ${refusal}`));
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}
