import { type Packet, parser, type Parser } from "mqtt-packet";

export type ProtocolVersion = 4 | 5;

export interface ControlPackets {
  /** One whole packet; the fault's message where it is malformed. */
  read(bytes: Buffer, version: ProtocolVersion): Packet | string;
}

interface Reader {
  read(bytes: Buffer): Packet | string;
}

/**
 * Reads whole packets with mqtt-packet. It is given exactly one at a time, because some of its readers look beyond the end of theirs; a
 * reader that failed is thrown away, so nothing of a malformed packet reaches the next. CONNECT tells its version itself.
 */
export function createControlPackets(): ControlPackets {
  const readers = { connect: createReader(undefined), 4: createReader(4), 5: createReader(5) };
  return {
    read: (bytes, version) => (bytes[0]! >> 4 === 1 ? readers.connect : readers[version]).read(bytes),
  };
}

function createReader(protocolVersion: ProtocolVersion | undefined): Reader {
  let current: Parser | undefined;
  let found: Packet | undefined;
  let fault: string | undefined;

  function create(): Parser {
    const created = parser(protocolVersion === undefined ? {} : { protocolVersion });
    created.on("packet", (packet) => {
      found ??= packet;
    });
    created.on("error", (error: Error) => {
      fault ??= error.message;
    });
    return created;
  }

  return {
    read(bytes) {
      found = undefined;
      fault = undefined;
      current ??= create();
      try {
        const left = current.parse(bytes);
        if (left > 0) fault ??= "a packet that is shorter than its fields";
      } catch (error) {
        // It reads beyond the end of what it was given.
        fault ??= String(error);
      }
      if (fault === undefined && found !== undefined) return found;
      current = undefined;
      return fault ?? "not a packet";
    },
  };
}
