import { neverExpiresMs } from "@messnetz/model";
import { expect, it } from "vitest";
import { createSessions, type KeptSession, type SessionRequest } from "./sessions.ts";

function ask(differences: Partial<SessionRequest> = {}): SessionRequest {
  return { client: "a/1", credential: "a", isClean: false, expiryMs: 60_000, at: 1000, ...differences };
}

function sessionsWith(kept: KeptSession[] = [], maxPerCredential = 10) {
  return createSessions({ kept, maxPerCredential, now: 1000 });
}

it("a session that is asked for again is present", () => {
  const sessions = sessionsWith();
  const first = sessions.open(ask());
  expect(first).toMatchObject({ isPresent: false, changes: [{ kind: "opened", client: "a/1", expiryMs: 60_000 }] });
  expect(sessions.close(first.session, 60_000, 2000)).toEqual([
    { kind: "closed", client: "a/1", expiryMs: 60_000, at: 2000 },
  ]);
  expect(sessions.open(ask({ at: 61_999 })).isPresent).toBe(true);
});

it("a session that has expired is not present, also before it was swept", () => {
  const sessions = sessionsWith();
  sessions.close(sessions.open(ask()).session, 60_000, 2000);
  expect(sessions.open(ask({ at: 62_000 }))).toMatchObject({
    isPresent: false,
    changes: [{ kind: "ended" }, { kind: "opened" }],
  });
});

it("a clean session without expiry leaves no trace", () => {
  const sessions = sessionsWith();
  const { session, changes } = sessions.open(ask({ isClean: true, expiryMs: 0 }));
  expect(changes).toEqual([]);
  expect(sessions.close(session, 0, 2000)).toEqual([]);
  expect(sessions.size()).toBe(0);
});

it("a clean start ends what was there and its open packet ids", () => {
  const sessions = sessionsWith([{ client: "a/1", expiryMs: 60_000, closedAt: 900, openPacketIds: [7] }]);
  const opened = sessions.open(ask({ isClean: true, expiryMs: 0 }));
  expect(opened).toMatchObject({ isPresent: false, changes: [{ kind: "ended", client: "a/1" }] });
  expect(opened.session.openPacketIds.size).toBe(0);
});

it("open packet ids outlive connection and process", () => {
  const sessions = sessionsWith([{ client: "a/1", expiryMs: neverExpiresMs, closedAt: 5, openPacketIds: [7] }]);
  const { session, isPresent } = sessions.open(ask());
  expect(isPresent).toBe(true);
  expect([...session.openPacketIds]).toEqual([7]);
});

it("a session whose connection ended with the process counts as closed at the start", () => {
  const sessions = sessionsWith([{ client: "a/1", expiryMs: 500, openPacketIds: [] }]);
  expect(sessions.sweep(1499)).toEqual([]);
  expect(sessions.sweep(1500)).toEqual([{ kind: "ended", client: "a/1" }]);
});

it("a resumed session that is to end with its connection ends", () => {
  const sessions = sessionsWith([{ client: "a/1", expiryMs: 60_000, closedAt: 900, openPacketIds: [] }]);
  const { session, isPresent } = sessions.open(ask({ expiryMs: 0 }));
  expect(isPresent).toBe(true);
  expect(sessions.close(session, 0, 2000)).toEqual([{ kind: "ended", client: "a/1" }]);
  expect(sessions.has("a/1")).toBe(false);
});

it("the connection that was taken over does not close the session of the next", () => {
  const sessions = sessionsWith();
  const old = sessions.open(ask()).session;
  sessions.open(ask());
  expect(sessions.close(old, 60_000, 2000)).toEqual([]);
  expect(sessions.sweep(neverExpiresMs)).toEqual([]);
});

it("one session too many ends the one that was left first, never an open one", () => {
  const sessions = sessionsWith([], 2);
  const open = sessions.open(ask({ client: "a/open" }));
  sessions.close(sessions.open(ask({ client: "a/left" })).session, 60_000, 1500);
  const { changes } = sessions.open(ask({ client: "a/new" }));
  expect(changes).toMatchObject([
    { kind: "ended", client: "a/left" },
    { kind: "opened", client: "a/new" },
  ]);
  expect(sessions.has(open.session.client)).toBe(true);
  expect(sessions.open(ask({ client: "b/1", credential: "b" })).changes).toHaveLength(1);
});
