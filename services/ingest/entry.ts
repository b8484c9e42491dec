import type { EpochMs, Source } from "@messnetz/model";
import type { ConnectRequest } from "./connect-request.ts";
import type { Intake } from "./intake-port.ts";
import type { CloseReason } from "./events.ts";
import { reason, type ReasonCode } from "./reason-codes.ts";
import { acceptance } from "./replies.ts";
import type { Session, Sessions } from "./sessions.ts";
import type { Wills } from "./wills.ts";
import type { Sender } from "./batch.ts";

/** Who may come in. Answers at once, from memory. */
export interface Authenticator {
  authenticate(username: string, password: Uint8Array): Source | undefined;
  /** Another number after every change of the registry. Absent with `isActive`: open connections are never asked about again. */
  readonly version?: number;
  /** False: connections of the credential are closed. */
  isActive?(sourceId: string): boolean;
}

export interface EntryLimits {
  readonly maxPacketBytes: number;
  readonly receiveMaximum: number;
  readonly maxTopicAlias: number;
  readonly maxTopicBytes: number;
  readonly maxSessionExpiryMs: number;
}

export interface EntryContext {
  readonly authenticator: Authenticator;
  readonly sessions: Sessions;
  readonly wills: Wills;
  readonly intake: Intake;
  readonly limits: EntryLimits;
  readonly clock: () => EpochMs;
  /** Ends the client's open connection, if there is one. */
  readonly takeOver: (client: string) => void;
}

export interface Admission {
  readonly source: Source;
  readonly client: string;
  readonly session: Session;
  readonly expiryMs: number;
}

export function refusalReason(code: ReasonCode): CloseReason {
  if (code === reason.serverUnavailable) return "unavailable";
  return code === reason.badUserNameOrPassword || code === reason.notAuthorized ? "credentials" : "protocol";
}

/** Lets a client in, and answers with CONNACK once what it says is durable; or says why not. */
export function admit(context: EntryContext, request: ConnectRequest, sender: Sender): Admission | ReasonCode {
  const { sessions, intake, limits } = context;
  if (!intake.isAvailable() || intake.isFull()) return reason.serverUnavailable;
  if (request.username === undefined) return reason.notAuthorized;
  const source = context.authenticator.authenticate(request.username, request.password ?? new Uint8Array());
  if (source === undefined) return reason.badUserNameOrPassword;

  const client = `${source.id}/${request.clientId}`;
  const expiryMs = Math.min(request.expiryMs, limits.maxSessionExpiryMs);
  context.takeOver(client);
  const opened = sessions.open({
    client,
    credential: source.id,
    isClean: request.isClean,
    expiryMs,
    at: context.clock(),
  });
  if (opened.isPresent) context.wills.cancel(client);
  else context.wills.release(client);

  const packet = acceptance(request.version, opened.isPresent, {
    maximumPacketSize: limits.maxPacketBytes,
    receiveMaximum: limits.receiveMaximum,
    topicAliasMaximum: limits.maxTopicAlias,
    ...(expiryMs !== request.expiryMs && { sessionExpirySeconds: Math.floor(expiryMs / 1000) }),
    ...(request.isAssigned && { assignedClientId: request.clientId }),
  });
  // A session that leaves no trace waits for nothing: a storm of clean reconnects costs nothing durable.
  if (opened.changes.length > 0) intake.change(opened.changes, sender, packet);
  else sender.durable({ packets: packet, acknowledged: 0, bytes: 0 });
  return { source, client, session: opened.session, expiryMs };
}
