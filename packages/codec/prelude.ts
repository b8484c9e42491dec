/**
 * What a codec finds: the language and nothing of the world. Its clock stands at the time of receipt and runs in UTC; chance is refused. The
 * value of the script is the function that calls a codec: `(entry, input in JSON, characters)` → output in JSON.
 */
export const prelude = `(() => {
"use strict";
const { parse, stringify } = JSON;
const { ownKeys, apply, construct, defineProperty, deleteProperty } = Reflect;
const { create, freeze } = Object;
const known = ["globalThis", "Object", "Function", "Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError",
  "AggregateError", "InternalError", "Array", "ArrayBuffer", "DataView", "Uint8Array", "Int8Array", "Uint8ClampedArray", "Uint16Array", "Int16Array",
  "Uint32Array", "Int32Array", "BigInt64Array", "BigUint64Array", "Float16Array", "Float32Array", "Float64Array", "BigInt", "Boolean", "Number",
  "String", "Symbol", "Math", "JSON", "RegExp", "Map", "Set", "WeakMap", "WeakSet", "Reflect", "Proxy", "Iterator", "parseInt", "parseFloat", "isNaN", "isFinite",
  "decodeURI", "decodeURIComponent", "encodeURI", "encodeURIComponent", "escape", "unescape", "NaN", "Infinity", "undefined"];
const Clock = Date;
const clockOf = Clock.prototype;
for (const name of ownKeys(globalThis)) if (!known.includes(name)) deleteProperty(globalThis, name);

let now = 0;
const noZone = /^\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?$/;
const instant = (text) => Clock.parse(typeof text === "string" && noZone.test(text) ? text.replace(" ", "T") + "Z" : text);
function FixedDate(...parts) {
  const target = new.target;
  if (target === undefined) return new FixedDate().toString();
  const [first] = parts;
  const time = parts.length === 0 ? now : parts.length > 1 ? Clock.UTC(...parts)
    : typeof first === "number" ? first : typeof first === "object" && first instanceof Clock ? first.getTime() : instant(String(first));
  return construct(Clock, [time], target);
}
FixedDate.prototype = clockOf;
FixedDate.now = () => now;
FixedDate.parse = (text) => instant(String(text));
FixedDate.UTC = Clock.UTC;
defineProperty(clockOf, "constructor", { value: FixedDate });
for (const part of ["FullYear", "Month", "Date", "Day", "Hours", "Minutes", "Seconds", "Milliseconds"]) {
  clockOf["get" + part] = clockOf["getUTC" + part];
  if (part !== "Day") clockOf["set" + part] = clockOf["setUTC" + part];
}
clockOf.getTimezoneOffset = () => 0;
for (const name of ["toString", "toDateString", "toTimeString", "toLocaleString", "toLocaleDateString", "toLocaleTimeString"])
  clockOf[name] = clockOf.toISOString;
defineProperty(globalThis, "Date", { value: FixedDate, writable: true, configurable: true });
Math.random = () => { throw new Error("a codec has no random numbers"); };

const quiet = () => undefined;
globalThis.console = { log: quiet, info: quiet, warn: quiet, error: quiet, debug: quiet, trace: quiet };
globalThis.module = { exports: {} };
globalThis.exports = globalThis.module.exports;

return (kind, entry, text, characters) => {
  const input = parse(text);
  now = input.time;
  const { bytes, port } = input;
  let output;
  if (kind === "decodeUplink") {
    output = entry({ bytes, fPort: port, recvTime: new FixedDate(now), variables: {} });
    if (typeof output !== "object" || output === null) throw new TypeError("decodeUplink gave no object");
  } else {
    output = { data: kind === "Decode" ? entry(port, bytes, {}) : entry(bytes, port) };
  }
  const { data, errors } = output;
  const result = stringify({ data, errors });
  if (result.length > characters) throw new RangeError("the output has " + result.length + " characters, at most " + characters + " are taken");
  return result;
};
})()`;

/** Finds the codec's function, however it was declared: TS013 and The Things Stack, ChirpStack v3, The Things Network v2. */
export const findEntry = `(() => {
const out = typeof module === "object" && module !== null && module.exports || {};
if (typeof decodeUplink === "function") return ["decodeUplink", decodeUplink];
if (typeof out.decodeUplink === "function") return ["decodeUplink", out.decodeUplink];
if (typeof exports === "object" && exports !== null && typeof exports.decodeUplink === "function") return ["decodeUplink", exports.decodeUplink];
if (typeof Decode === "function") return ["Decode", Decode];
if (typeof Decoder === "function") return ["Decoder", Decoder];
if (typeof out.Decoder === "function") return ["Decoder", out.Decoder];
throw new Error("no function decodeUplink(input), Decode(fPort, bytes) or Decoder(bytes, port)");
})()`;
