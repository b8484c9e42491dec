import type { DuckDBConnection } from "@duckdb/node-api";
import type { DeliveryReceipt, EpochMs, SessionChange } from "@messnetz/model";
import type { SessionSnapshot } from "../port.ts";
import { SessionFold } from "../session-fold.ts";
import { columns } from "./column.ts";
import type { Desk } from "./desk.ts";
import { type Dictionary, openDictionary } from "./dictionary.ts";
import { sessionEventKinds } from "./schema.ts";
import { createTableWriter } from "./table-writer.ts";

export interface SessionDesk extends Desk {
  stage(changes: readonly SessionChange[], receipts: readonly DeliveryReceipt[]): void;
  load(now: EpochMs): Promise<SessionSnapshot>;
  /** Writes the state anew, without its history, when that has become long; in a transaction of its own. */
  fold(now: EpochMs): Promise<void>;
}

/** Rows read at once when the events are folded. */
const pageRows = 100_000;

export async function createSessionDesk(writer: DuckDBConnection, foldAtRows: number): Promise<SessionDesk> {
  let clients: Dictionary = await openDictionary(writer, "client");
  const events = await createTableWriter(writer, "session_event", {
    client: columns.int32(),
    kind: columns.uint8(),
    packet: columns.uint16(),
    expiry: columns.int64(),
    at: columns.int64(),
  });
  const receipts = await createTableWriter(writer, "receipt", {
    client: columns.int32(),
    packet: columns.uint16(),
    hash: columns.text(),
    received: columns.int64(),
  });
  let rows = await countRows();
  let kept = rows;

  async function countRows(): Promise<number> {
    const result = await writer.runAndReadAll(
      "SELECT (SELECT count(*) FROM session_event) + (SELECT count(*) FROM receipt)",
    );
    return Number(result.getRows()[0]?.[0]);
  }

  function addEvent(client: string, kind: (typeof sessionEventKinds)[number]): number {
    const row = events.addRow();
    events.columns.client.set(row, clients.idOf(client));
    events.columns.kind.set(row, sessionEventKinds.indexOf(kind));
    events.columns.packet.setNull(row);
    events.columns.expiry.setNull(row);
    events.columns.at.setNull(row);
    return row;
  }

  function addChange(change: SessionChange): void {
    const row = addEvent(change.client, change.kind);
    if ("packetId" in change) events.columns.packet.set(row, change.packetId);
    if (!("at" in change)) return;
    events.columns.expiry.set(row, change.expiryMs);
    events.columns.at.set(row, change.at);
  }

  function addReceipt({ client, packetId, payloadHash, receivedAt, qos }: DeliveryReceipt): void {
    if (qos === 2) {
      addChange({ kind: "received", client, packetId });
      return;
    }
    const row = receipts.addRow();
    receipts.columns.client.set(row, clients.idOf(client));
    receipts.columns.packet.set(row, packetId);
    receipts.columns.hash.set(row, payloadHash);
    receipts.columns.received.set(row, receivedAt);
  }

  function stage(changes: readonly SessionChange[], list: readonly DeliveryReceipt[]): void {
    for (const change of changes) addChange(change);
    for (const receipt of list) addReceipt(receipt);
  }

  async function eachRow(sql: string, visit: (row: readonly unknown[]) => void): Promise<void> {
    for (let offset = 0; ; offset += pageRows) {
      const page = await writer.runAndReadAll(`${sql} ORDER BY rowid LIMIT ${pageRows} OFFSET ${offset}`);
      const list = page.getRows();
      for (const row of list) visit(row);
      if (list.length < pageRows) return;
    }
  }

  async function load(): Promise<SessionFold> {
    const fold = new SessionFold();
    await eachRow("SELECT client, kind, packet, expiry::DOUBLE, instant::DOUBLE FROM session_event", (row) => {
      const [clientId, kindIndex, packet, expiry, instant] = row.map(Number) as [
        number,
        number,
        number,
        number,
        number,
      ];
      const client = clients.nameOf(clientId);
      const kind = sessionEventKinds[kindIndex];
      if (kind === "opened" || kind === "closed") fold.apply({ kind, client, expiryMs: expiry, at: instant });
      else if (kind === "ended") fold.apply({ kind, client });
      else if (kind === "received" || kind === "released") fold.apply({ kind, client, packetId: packet });
    });
    await eachRow("SELECT client, packet, hash, received::DOUBLE FROM receipt", ([client, packet, hash, received]) => {
      const name = clients.nameOf(Number(client));
      fold.receive({
        client: name,
        packetId: Number(packet),
        payloadHash: String(hash),
        receivedAt: Number(received),
        qos: 1,
      });
    });
    return fold;
  }

  async function rewrite(history: ReturnType<SessionFold["history"]>): Promise<void> {
    clients.close();
    await writer.run("BEGIN TRANSACTION; DELETE FROM session_event; DELETE FROM receipt; DELETE FROM client;");
    clients = await openDictionary(writer, "client");
    stage(history.sessions, history.receipts);
    append();
    await writer.run("COMMIT");
  }

  function append(): void {
    clients.append();
    events.append();
    receipts.append();
  }

  function settle(): void {
    rows += events.rows + receipts.rows;
    clients.settle();
    events.clear();
    receipts.clear();
  }

  return {
    stage,
    load: async (now) => (await load()).snapshot(now),
    append,
    settle,
    async fold(now) {
      if (rows < foldAtRows + 2 * kept) return;
      await rewrite((await load()).history(now));
      settle();
      kept = rows = await countRows();
    },
    close() {
      clients.close();
      events.close();
      receipts.close();
    },
  };
}
