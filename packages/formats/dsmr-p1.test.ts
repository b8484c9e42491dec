import { expect, it } from "vitest";
import { crc16, p1Time, readTelegram } from "./dsmr-p1-telegram.ts";

it("computes the checksum that the catalogue of parametrised CRC algorithms has for CRC-16/ARC", () => {
  expect(crc16("123456789")).toBe(0xbb3d);
});

it("takes a telegram whose line ends were changed on the way, and none of which a digit was", () => {
  const body = ["/MNZ5TOWN", "", "1-3:0.2.8(50)", "1-0:1.8.1(000185.000*kWh)", "!"].join("\r\n");
  const telegram = `${body}${crc16(body).toString(16).toUpperCase().padStart(4, "0")}\r\n`;
  expect(readTelegram(telegram)).toHaveLength(2);
  expect(readTelegram(telegram.replaceAll("\r", ""))).toHaveLength(2);
  expect(readTelegram(telegram.replace("185", "186"))).toMatchObject({ code: "malformed" });
});

it("tells the hour that comes twice apart", () => {
  expect(p1Time("261025023000S")).toEqual({ instant: Date.parse("2026-10-25T00:30:00Z") });
  expect(p1Time("261025023000W")).toEqual({ instant: Date.parse("2026-10-25T01:30:00Z") });
});
