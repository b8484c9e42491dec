import type { Cause } from "./connection-port.ts";
import type { FramingFault } from "./framing.ts";
import { reason } from "./reason-codes.ts";

/** Why a connection is closed whose stream cannot be cut into packets. */
export function framingCause(fault: FramingFault, maxPacketBytes: number): Cause {
  return fault === "packet_too_large"
    ? { why: fault, code: reason.packetTooLarge, detail: `more than ${maxPacketBytes} bytes` }
    : { why: "protocol", code: reason.malformedPacket, detail: fault };
}
