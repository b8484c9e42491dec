import type { DoorContext, DoorRequest, Open } from "./door-request.ts";
import { reportOutcome } from "./outcome-report.ts";
import { DoorProblem, safeHeaders, unavailable } from "./problem.ts";
import type { RequestBody } from "./request-body.ts";

/**
 * One message: answers when it is durable, with what became of it. Resolves when it is answered; rejects with a `DoorProblem` where nothing of
 * it was taken, or a `CutOffError`.
 */
export async function receiveMessage(
  context: DoorContext,
  door: DoorRequest,
  { topic, onOpen }: { readonly topic: string; readonly onOpen: (open: Open) => void },
): Promise<void> {
  const { intake, events } = context;
  const { response, source, idempotencyKey } = door;
  let isAnswered = false;
  const answered = Promise.withResolvers<void>();
  onOpen({
    source,
    resume: () => {},
    abandon(problem) {
      door.body.stop(problem);
      fail(problem);
    },
    finish: (problem) => door.body.stop(problem),
  });
  const payload = await readWhole(door.body, context);
  if (isAnswered) return;
  if (intake.isPaused()) throw unavailable("it is behind, or fails");

  intake.receive(
    {
      source,
      client: idempotencyKey === undefined ? "" : deliveryClient(source.id, idempotencyKey, 0),
      topic,
      payload,
      qos: idempotencyKey === undefined ? 0 : 1,
      packetId: 0,
      isDuplicate: idempotencyKey !== undefined,
      isDurable: false,
    },
    {
      durable: () => {},
      became(message, outcome) {
        if (outcome === "refused") fail(quarantineFull(message.refusals[0]?.expected));
        else succeed(JSON.stringify(reportOutcome(message, outcome)));
      },
    },
  );
  await answered.promise;

  function fail(problem: DoorProblem): void {
    if (isAnswered) return;
    isAnswered = true;
    answered.reject(problem);
  }

  function succeed(text: string): void {
    if (isAnswered) return;
    isAnswered = true;
    if (!response.destroyed) {
      response.writeHead(200, {
        ...safeHeaders,
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text),
      });
      response.end(text);
    }
    events.ended("message", response.destroyed ? "cut_off" : "taken");
    answered.resolve();
  }
}

function quarantineFull(expected = "a message that can be read"): DoorProblem {
  return new DoorProblem(
    "quarantine-full",
    `expected ${expected}; and its bytes cannot be kept, for this credential's share of the quarantine is full`,
  );
}

async function readWhole(body: RequestBody, { limits, held }: DoorContext): Promise<Buffer> {
  const end = performance.now() + limits.bodyTimeoutMs;
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for (;;) {
      const chunk = await body.next(Math.max(1, Math.round(end - performance.now())));
      if (chunk === undefined) return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      if (!held.take(chunk.length)) throw unavailable("too many bodies are on their way");
      length += chunk.length;
      chunks.push(chunk);
      if (length > limits.maxPayloadBytes) throw tooLarge(limits.maxPayloadBytes);
    }
  } finally {
    held.give(length);
  }
}

export function tooLarge(maxBytes: number): DoorProblem {
  return new DoorProblem("too-large", `expected a message of at most ${maxBytes} bytes`);
}

/** Packet ids have 16 bits; the rest of a line's number goes into the name. */
const packetIdBits = 16;

/** Whom the memory of deliveries knows a line by: nobody can repeat what another credential sent. A client id of MQTT has no line feed. */
export function deliveryClient(source: string, key: string, line: number): string {
  const page = Math.floor(line / 2 ** packetIdBits);
  return `${source}/http\n${key}${page === 0 ? "" : `\n${page}`}`;
}

export function packetIdOf(line: number): number {
  return line % 2 ** packetIdBits;
}
