import type { DuckDBConnection } from "@duckdb/node-api";
import type { DeliveryReceipt, EpochMs, IntakeBatch, SessionChange } from "@messnetz/model";
import { deliveryLimits } from "../kept-deliveries.ts";
import type { SessionSnapshot } from "../port.ts";
import { SessionFold } from "../session-fold.ts";
import { columns } from "./column.ts";
import type { Desk } from "./desk.ts";
import { type Dictionary, openDictionary } from "./dictionary.ts";
import { deliverySql, sessionEventKinds } from "./schema.ts";
import { createTableWriter } from "./table-writer.ts";

export interface SessionDesk extends Desk {
  stage(batch: Omit<IntakeBatch, "messages">): void;
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
  await writer.run(deliverySql);
  const deliveries = await createTableWriter(writer, "delivery", {
    high: columns.uint32(),
    low: columns.uint32(),
    instant: columns.int64(),
    received: columns.int64(),
  });
  let rows = await countRows();
  let kept = rows;
  let deliveryRows = await count("SELECT count(*) FROM delivery");
  let keptDeliveries = deliveryRows;

  async function count(sql: string): Promise<number> {
    return Number((await writer.runAndReadAll(sql)).getRows()[0]?.[0]);
  }

  async function countRows(): Promise<number> {
    return count("SELECT (SELECT count(*) FROM session_event) + (SELECT count(*) FROM receipt)");
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

  function stage({ sessions, receipts: list, deliveries: seen = [] }: Omit<IntakeBatch, "messages">): void {
    for (const change of sessions) addChange(change);
    for (const receipt of list) addReceipt(receipt);
    for (const { high, low, at, receivedAt } of seen) {
      const row = deliveries.addRow();
      deliveries.columns.high.set(row, high);
      deliveries.columns.low.set(row, low);
      if (at === undefined) deliveries.columns.instant.setNull(row);
      else deliveries.columns.instant.set(row, at);
      deliveries.columns.received.set(row, receivedAt);
    }
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

  async function loadDeliveries(fold: SessionFold, now: EpochMs): Promise<void> {
    const since = now - deliveryLimits.maxAgeMs;
    const sql = `SELECT high, low, received::DOUBLE, instant::DOUBLE FROM delivery WHERE received > ${since}`;
    await eachRow(sql, ([high, low, received, instant]) => {
      const seen = { high: Number(high), low: Number(low), receivedAt: Number(received) };
      fold.see(instant === null ? seen : { ...seen, at: Number(instant) });
    });
  }

  /** Those that nobody would load any more. */
  async function dropOldDeliveries(now: EpochMs): Promise<void> {
    if (deliveryRows < foldAtRows + 2 * keptDeliveries) return;
    await writer.run(`DELETE FROM delivery WHERE received <= ${now - deliveryLimits.maxAgeMs}`);
    deliveryRows = keptDeliveries = await count("SELECT count(*) FROM delivery");
  }

  async function rewrite(history: ReturnType<SessionFold["history"]>): Promise<void> {
    clients.close();
    await writer.run("BEGIN TRANSACTION; DELETE FROM session_event; DELETE FROM receipt; DELETE FROM client;");
    clients = await openDictionary(writer, "client");
    stage({ sessions: history.sessions, receipts: history.receipts });
    append();
    await writer.run("COMMIT");
  }

  function append(): void {
    clients.append();
    events.append();
    receipts.append();
    deliveries.append();
  }

  function settle(): void {
    rows += events.rows + receipts.rows;
    deliveryRows += deliveries.rows;
    clients.settle();
    events.clear();
    receipts.clear();
    deliveries.clear();
  }

  return {
    stage,
    async load(now) {
      const fold = await load();
      await loadDeliveries(fold, now);
      return fold.snapshot(now);
    },
    append,
    settle,
    async fold(now) {
      await dropOldDeliveries(now);
      if (rows < foldAtRows + 2 * kept) return;
      await rewrite((await load()).history(now));
      settle();
      kept = rows = await countRows();
    },
    close() {
      clients.close();
      events.close();
      receipts.close();
      deliveries.close();
    },
  };
}
