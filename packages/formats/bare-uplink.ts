import { Buffer } from "node:buffer";
import { isJsonObject } from "./json-object.ts";
import { type DecodeContext, malformed, type Message, type PayloadFormat } from "./format.ts";
import { type LorawanUplink, noProfile, readFrame, readUplink } from "./lorawan-uplink.ts";

/** What the envelope of a network server would have said of an uplink that came without one. */
export interface BareUplink {
  /** External id. */
  readonly device: string;
  /** Names that may tell the model, as in a `ProfileQuery`. */
  readonly names: readonly string[];
  readonly port: number;
}

export const bareFormatNames = ["decoded-object", "lorawan-frame"] as const;

/**
 * Two formats that no device sends: the decoded object and the frame of one uplink without the envelope of a network server, for people
 * who have the bytes and know what they are of.
 */
export function bareFormats(bare: BareUplink): readonly PayloadFormat[] {
  const uplink: Omit<LorawanUplink, "decoded"> = {
    ...bare,
    time: undefined,
    signal: undefined,
    formatRevision: 1,
  };
  const common = { revision: 1, topics: ["#"], specification: "https://resources.lora-alliance.org/" };
  return [
    {
      ...common,
      name: bareFormatNames[0],
      recognises: (message) => isJsonObject(message.json()),
      decode(message: Message, context: DecodeContext) {
        const decoded = message.json();
        if (!isJsonObject(decoded)) return malformed(message, "a JSON object of decoded fields", decoded);
        const whole = { ...uplink, decoded };
        return readUplink(whole, context) ?? noProfile(whole, Object.keys(decoded));
      },
    },
    {
      ...common,
      name: bareFormatNames[1],
      recognises: () => true,
      decode(message: Message, context: DecodeContext) {
        const text = Buffer.from(message.payload).toString("base64");
        return readFrame(uplink, { text, as: "base64", receivedAt: message.receivedAt }, context);
      },
    },
  ];
}
