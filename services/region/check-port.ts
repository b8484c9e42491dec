import { once } from "node:events";
import { connect } from "node:net";

/** Resolves when something accepts connections on the loopback's port. */
export async function checkPort(port: number, signal: AbortSignal): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1" });
  try {
    await once(socket, "connect", { signal });
  } finally {
    socket.destroy();
  }
}

/** Resolves when the address answers with 2xx. */
export async function checkHttp(url: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answers ${response.status} ${text.slice(0, 300)}`);
}
