import type { Will } from "./connect-request.ts";
import type { Cause, Connection, ConnectionContext } from "./connection-port.ts";
import type { Admission } from "./entry.ts";
import type { CloseReason } from "./events.ts";

/** We closed, the device is not gone: its will would be an untruth. */
const willless: ReadonlySet<CloseReason> = new Set(["shutdown", "unavailable", "fault"]);

export interface Parting {
  readonly connection: Connection;
  readonly admission: Admission;
  readonly will: Will | undefined;
  /** As it stands now: DISCONNECT may have changed it. */
  readonly expiryMs: number;
}

/** What a client that was let in leaves behind: its will, and its session, which is closed or ends. */
export function part(context: ConnectionContext, cause: Cause, parting: Parting): void {
  const { connection, will, expiryMs } = parting;
  const { client, session, source } = parting.admission;
  context.events.closed(cause.why, client, cause.detail);
  context.onLeft(connection, client);
  if (will !== undefined && !willless.has(cause.why))
    context.wills.leave({ client, source, will, waitMs: Math.min(will.delayMs, expiryMs) });
  const changes = context.sessions.close(session, expiryMs, context.clock());
  if (changes.length > 0) context.intake.change(changes);
}
