import { type ImportMistake } from "./import-entry.ts";

export type ImportText = { readonly text: string } | { readonly mistake: ImportMistake };

/** The file as text, without a byte order mark. Anything but UTF-8 is a mistake that says how to save it right: guessing would garble names. */
export function readText(input: Uint8Array | string, maxBytes: number): ImportText {
  const size = typeof input === "string" ? Buffer.byteLength(input) : input.length;
  if (size > maxBytes) {
    return { mistake: { line: 1, message: `expected at most ${maxBytes} bytes, came ${size}; split the file` } };
  }
  if (typeof input !== "string" && isUtf16(input)) {
    return { mistake: { line: 1, message: `expected UTF-8, came UTF-16 ("Unicode text"); ${remedy}` } };
  }
  const text = (typeof input === "string" ? input : new TextDecoder().decode(input)).replace(/^\uFEFF/, "");
  // The decoder writes U+FFFD for what is not UTF-8, and a reader before us will have done the same.
  const wrong = text.search(/[\uFFFD\0]/);
  if (wrong < 0) return { text };
  const what = text[wrong] === "\0" ? "binary data" : "bytes of another encoding, probably Windows-1252 (ANSI)";
  return { mistake: { line: lineAt(text, wrong), message: `expected UTF-8, came ${what}; ${remedy}` } };
}

const remedy = "save the file as UTF-8 (in Excel: “CSV UTF-8”)";

function isUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
