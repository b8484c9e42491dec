import { Buffer } from "node:buffer";

/** Fields of Protocol Buffers shorter than 128 bytes, for commands: https://protobuf.dev/programming-guides/encoding. */
export function messageOf(field: number, content: Uint8Array): Uint8Array {
  return concatenated(Uint8Array.from([(field << 3) | 2, content.length]), content);
}

export function textOf(field: number, text: string): Uint8Array {
  return messageOf(field, Buffer.from(text));
}

/** A small number, or a flag. */
export function numberField(field: number, value: number): Uint8Array {
  return Uint8Array.from([field << 3, value]);
}

export function concatenated(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
