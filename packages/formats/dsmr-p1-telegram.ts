import { type ReadingTime, type Refusal, refusal } from "@messnetz/model";

/** A line of a telegram: `1-0:1.8.1(123456.789*kWh)`. */
export interface ObisLine {
  readonly obis: string;
  /** What stands in the brackets, in their order. */
  readonly values: readonly string[];
}

/** DSMR 5.0.2 P1, 6.2: a checksum of 16 bits over all from `/` to `!`, polynomial x16+x15+x2+1, lowest bit first, begun with 0. */
export function crc16(text: string): number {
  let crc = 0;
  for (let at = 0; at < text.length; at++) {
    const next = crc ^ text.charCodeAt(at);
    crc = (next >>> 8) ^ crcOfByte[next & 0xff]!;
  }
  return crc;
}

/** What eight steps of the register make of each byte. */
const crcOfByte = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

/** The end of a telegram; nothing behind the `!` before version 4. */
const ending = /^!([0-9A-Fa-f]{4})?[ \t]*\r?$/mu;
const line = /^(\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3}(?:[*.]\d{1,3})?)(\(.*\))\s*$/u;
/** Version 4 and later have `1-3:0.2.8` (of Belgium `0-0:96.1.4`) and a checksum. */
const hasVersion = /^(?:1-3:0\.2\.8|0-0:96\.1\.4)\(/mu;
/** DSMR 5.0.2 P1, 6.2: at most 1024 characters a line; no telegram comes near 10,000 of them in all. */
const maxLength = 16_384;

/** The lines of a telegram whose checksum is right. */
export function readTelegram(text: string): readonly ObisLine[] | Refusal {
  if (text.length > maxLength)
    return refusal("too_large", `a telegram of at most ${maxLength} characters`, `${text.length}`);
  const begin = text.indexOf("/");
  const end = ending.exec(text);
  if (begin < 0 || end === null || end.index < begin) {
    return refusal("malformed", "a telegram from `/` to `!` and its checksum", text.slice(-40));
  }
  const body = text.slice(begin, end.index + 1);
  const told = end[1];
  if (told === undefined ? hasVersion.test(body) : !isChecked(body, Number.parseInt(told, 16))) {
    return refusal("malformed", "the checksum CRC16 of the telegram", told ?? "none");
  }
  const lines: ObisLine[] = [];
  for (const row of body.split(/\r?\n/u)) {
    const found = line.exec(row);
    if (found !== null) lines.push({ obis: found[1]!, values: valuesOf(found[2]!) });
    else if (row.startsWith("(") && lines.length > 0) {
      // Before version 4 the value of a gas meter stands on a line of its own.
      const last = lines.pop()!;
      lines.push({ obis: last.obis, values: [...last.values, ...valuesOf(row.trim())] });
    }
  }
  return lines;
}

/** The lines end in CR LF on the wire; who passes a telegram on may have taken the CR away. */
function isChecked(body: string, told: number): boolean {
  return crc16(body) === told || crc16(body.replaceAll(/\r?\n/gu, "\r\n")) === told;
}

function valuesOf(brackets: string): string[] {
  return brackets.slice(1, -1).split(")(");
}

const stamp = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([SW])?$/u;

/** `YYMMDDhhmmss` in local time, with S for summer and W for winter (UTC+2 and UTC+1 in all countries of P1), without before version 4. */
export function p1Time(text: string | undefined): ReadingTime | undefined {
  const found = stamp.exec(text ?? "");
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, season] = found;
  const local = `20${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const instant = Date.parse(`${local}${season === "S" ? "+02:00" : "+01:00"}`);
  if (Number.isNaN(instant)) return undefined;
  return season === undefined ? { local } : { instant };
}

/** Equipment ids are text in hexadecimal. */
export function equipmentId(hex: string | undefined): string | undefined {
  if (hex === undefined || !/^(?:[0-9A-Fa-f]{2}){1,48}$/u.test(hex)) return undefined;
  const text = (hex.match(/../gu) ?? []).map((pair) => String.fromCharCode(Number.parseInt(pair, 16))).join("");
  return /^[\x21-\x7e]+$/u.test(text) ? text : hex;
}
