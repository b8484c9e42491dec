import type { Sender } from "../batch.ts";
import { createBatchAnswer } from "./batch-answer.ts";
import type { DoorContext, DoorRequest, Open } from "./door-request.ts";
import { createBatchTally, reportOutcome } from "./outcome-report.ts";
import { createPieceCutter, type Piece } from "./pieces.ts";
import { DoorProblem } from "./problem.ts";
import { type ItemMessage, readItem } from "./read-item.ts";
import type { Target } from "./read-target.ts";
import { deliveryClient, packetIdOf } from "./receive-message.ts";
import { CutOffError } from "./request-body.ts";

export type BatchTarget = Exclude<Target, { kind: "message" }>;

/** Of an item beside its payload, which may be base64. */
const itemFactor = 1.5;
const itemOverheadBytes = 1024;

/**
 * Many messages of one body, each answered by a line when it is durable, in the order of the body. Takes constant memory: what is unanswered is
 * bounded, and the body is read no faster than its lines become durable and their answers are read. Resolves when all is answered; rejects
 * with a `DoorProblem` where nothing was answered yet.
 */
export async function receiveBatch(
  context: DoorContext,
  door: DoorRequest,
  { target, onOpen }: { readonly target: BatchTarget; readonly onOpen: (open: Open) => void },
): Promise<void> {
  const { intake, limits, events } = context;
  const { request, response, source, body } = door;
  const answer = createBatchAnswer(response);
  const tally = createBatchTally();
  const maxBytes =
    target.kind === "items"
      ? Math.ceil(limits.maxPayloadBytes * itemFactor) + itemOverheadBytes
      : limits.maxPayloadBytes;
  const cutter = createPieceCutter(target.each, maxBytes);
  let inFlightBytes = 0;
  let lines = 0;
  let rejected = 0;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  let isOver = false;

  /** Lines that the intake has, in their order, from `told` on. */
  let pending: { readonly number: number; readonly fill: (line: object) => void }[] = [];
  let told = 0;

  const sender: Sender = {
    became(message, outcome) {
      const { number, fill } = pending[told++]!;
      if (isOver) return;
      tally.count(outcome, message.observations.length);
      const { receivedAt: _given, ...report } = reportOutcome(message, outcome);
      fill({ line: number, ...report });
    },
    durable({ bytes }) {
      inFlightBytes -= bytes;
      pending = pending.slice(told);
      told = 0;
      if (isOver) return;
      answer.flush();
      wake?.();
    },
  };

  function stop(error: Error): void {
    failure ??= error;
    body.stop(error);
    wake?.();
  }

  onOpen({ source, abandon: stop, finish: stop, resume: () => wake?.() });
  response.on("drain", () => wake?.());
  response.on("close", () => {
    if (!response.writableFinished) stop(new CutOffError("the client went before its answer was whole"));
  });

  /** Resolves when `isReady`, or when the batch is to end; without a bound where the store is slow, which ends it by itself. */
  async function until(isReady: () => boolean): Promise<void> {
    while (!isReady() && failure === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      const isUnread = answer.isBackedUp();
      const unread = new CutOffError(`the answer was left unread for ${limits.writeTimeoutMs} ms`);
      const timer = isUnread ? setTimeout(() => stop(unread), limits.writeTimeoutMs) : undefined;
      await promise;
      clearTimeout(timer);
      wake = undefined;
    }
    if (failure !== undefined) throw failure;
  }

  function reject(piece: Piece, mistake: { readonly expected: string; readonly came: string }): void {
    rejected++;
    tally.count("rejected", 0);
    answer.reserve()({ line: piece.number, outcome: "rejected", ...mistake });
  }

  function readPiece(piece: Piece): ItemMessage | undefined {
    const { bytes } = piece;
    if (bytes === undefined) {
      reject(piece, { expected: `at most ${maxBytes} bytes`, came: "more" });
      return undefined;
    }
    if (target.kind === "pieces") return { topic: target.topic, payload: bytes };
    const item = readItem(bytes, context.clock());
    if ("topic" in item && item.payload.length <= limits.maxPayloadBytes) return item;
    if ("topic" in item)
      reject(piece, { expected: `a payload of at most ${limits.maxPayloadBytes} bytes`, came: "more" });
    else reject(piece, item);
    return undefined;
  }

  function take(piece: Piece): void {
    lines++;
    const message = readPiece(piece);
    if (message === undefined) return;
    const key = message.receivedAt === undefined ? door.idempotencyKey : undefined;
    pending.push({ number: piece.number, fill: answer.reserve() });
    inFlightBytes += intake.receive(
      {
        source,
        client: key === undefined ? "" : deliveryClient(source.id, key, piece.number),
        ...message,
        qos: key === undefined ? 0 : 1,
        packetId: key === undefined ? 0 : packetIdOf(piece.number),
        isDuplicate: key !== undefined,
        isDurable: false,
      },
      sender,
    );
  }

  async function takeAll(pieces: Iterable<Piece>): Promise<void> {
    for (const piece of pieces) {
      take(piece);
      if (inFlightBytes > limits.maxInFlightBytes || intake.isPaused()) await until(hasRoom);
    }
    answer.flush();
    if (answer.isBackedUp()) await until(hasRoom);
  }

  function hasRoom(): boolean {
    return inFlightBytes <= limits.maxInFlightBytes / 2 && !answer.isBackedUp() && !intake.isPaused();
  }

  try {
    for (let chunk = await body.next(limits.bodyTimeoutMs); chunk !== undefined;) {
      await takeAll(cutter.push(chunk));
      chunk = await body.next(limits.bodyTimeoutMs);
    }
    await takeAll(cutter.end());
    await until(() => answer.open() === 0);
    answer.end(tally.summary(lines), "whole");
    events.ended("batch", "taken");
  } catch (error) {
    const problem = error instanceof DoorProblem ? error : undefined;
    if (problem === undefined && !(error instanceof CutOffError)) throw error;
    // What was taken before is answered first, where the store still answers.
    if (problem !== undefined && (problem.kind !== "unavailable" || intake.isAvailable())) await settle();
    if (problem !== undefined && !answer.isBegun() && (lines === 0 || problem.kind === "unavailable")) throw problem;
    const why = problem === undefined ? "cut-off" : problem.kind;
    answer.end(tally.summary(lines, { type: `urn:messnetz:problem:${why}`, detail: (error as Error).message }), "cut");
    if (problem === undefined) throw error;
    events.refused("batch", {
      problem: problem.kind,
      address: request.socket.remoteAddress ?? "",
      detail: problem.message,
    });
  } finally {
    isOver = true;
    events.rejected(rejected);
  }

  /** Waits for the answers of what was taken, as long as somebody reads them. */
  async function settle(): Promise<void> {
    failure = undefined;
    try {
      await until(() => answer.open() === 0);
    } catch {
      // The client went, or the store failed as well: the summary counts what is unanswered.
    }
  }
}
