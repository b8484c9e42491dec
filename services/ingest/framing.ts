/**
 * Takes one whole MQTT packet: `buffer[start]` is the first byte of the fixed header, `bodyStart` the first byte after the remaining
 * length, `end` the first byte that is not the packet's. Returns false to stop: nothing more of the stream is handed over.
 */
export type FrameHandler = (buffer: Buffer, frame: Frame) => boolean;

/** One object per framing, overwritten by the next packet. */
export interface Frame {
  start: number;
  bodyStart: number;
  end: number;
  /** Bytes of the packet beyond `end`, thrown away because it is too large. */
  cutBytes: number;
}

/** Why a stream cannot be cut into packets. */
export type FramingFault = "malformed_length" | "packet_too_large";

export interface Framing {
  /** The next bytes of the stream. A fault ends it. */
  push(chunk: Buffer): FramingFault | undefined;
  /** Bytes held of a packet that is not whole yet. */
  heldBytes(): number;
}

/** MQTT 5.0, 2.1.4: the remaining length has at most four bytes. */
const maxHeaderBytes = 5;

/**
 * Cuts a byte stream into MQTT packets (MQTT 5.0, 2.1). What is larger than `maxPacketBytes` (fixed header included) is refused as soon
 * as its length is read, or handed over without its end (`cut`); memory grows with what has arrived, never with what a length promises.
 */
export function createFraming(
  maxPacketBytes: () => number,
  handle: FrameHandler,
  excess: "refuse" | "cut" = "refuse",
): Framing {
  const frame: Frame = { start: 0, bodyStart: 0, end: 0, cutBytes: 0 };
  let skipBytes = 0;
  let held: Buffer | undefined;
  let heldLength = 0;
  let isStopped = false;

  /** Reads the fixed header at `start`: true where it is whole and `frame` is set (the packet itself need not be there). */
  function readHeader(buffer: Buffer, start: number, available: number): boolean | FramingFault {
    let length = 0;
    let shift = 1;
    for (let at = start + 1; at < available; at++) {
      const byte = buffer[at]!;
      length += (byte & 0x7f) * shift;
      if (byte < 0x80) {
        const bodyStart = at + 1;
        const wholeBytes = bodyStart - start + length;
        const most = maxPacketBytes();
        if (wholeBytes > most && excess === "refuse") return "packet_too_large";
        frame.start = start;
        frame.bodyStart = bodyStart;
        frame.end = start + Math.min(wholeBytes, most);
        frame.cutBytes = wholeBytes > most ? wholeBytes - most : 0;
        return true;
      }
      if (at - start === maxHeaderBytes - 1) return "malformed_length";
      shift *= 0x80;
    }
    return false;
  }

  function hold(bytes: Buffer, upTo: number): void {
    const needed = heldLength + bytes.length;
    if (held === undefined || held.length < needed) {
      const grown = Buffer.allocUnsafeSlow(Math.min(Math.max(needed * 2, 64), Math.max(upTo, needed)));
      held?.copy(grown, 0, 0, heldLength);
      held = grown;
    }
    bytes.copy(held, heldLength);
    heldLength = needed;
  }

  /** Completes the packet that is held; returns how many bytes of the chunk that took, or the fault. */
  function complete(chunk: Buffer): number | FramingFault {
    let taken = 0;
    for (;;) {
      const header = readHeader(held!, 0, heldLength);
      if (typeof header === "string") return header;
      const wanted = header ? frame.end - heldLength : 1;
      if (wanted <= 0) break;
      if (taken === chunk.length) return taken;
      const piece = chunk.subarray(taken, taken + wanted);
      hold(piece, header ? frame.end : maxHeaderBytes);
      taken += piece.length;
    }
    const whole = held!;
    held = undefined;
    heldLength = 0;
    skipBytes = frame.cutBytes;
    isStopped = !handle(whole, frame);
    return skip(chunk, taken);
  }

  /** Where the chunk goes on after what is thrown away of it. */
  function skip(chunk: Buffer, at: number): number {
    const taken = Math.min(skipBytes, chunk.length - at);
    skipBytes -= taken;
    return at + taken;
  }

  function push(chunk: Buffer): FramingFault | undefined {
    if (isStopped) return undefined;
    let at = skip(chunk, 0);
    if (heldLength > 0) {
      const taken = complete(chunk);
      if (typeof taken === "string") return taken;
      at = taken;
    }
    while (at < chunk.length && !isStopped) {
      const header = readHeader(chunk, at, chunk.length);
      if (typeof header === "string") return header;
      if (!header || frame.end > chunk.length) {
        hold(chunk.subarray(at), header ? frame.end - at : maxHeaderBytes);
        return undefined;
      }
      at = frame.end;
      skipBytes = frame.cutBytes;
      isStopped = !handle(chunk, frame);
      if (skipBytes > 0) at = skip(chunk, at);
    }
    return undefined;
  }

  return { push, heldBytes: () => heldLength };
}
