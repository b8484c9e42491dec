import type { Refusal } from "@messnetz/model";
import type { ExplainedReadingView, ExplanationView } from "@messnetz/pipeline";
import { plainText, writeTable } from "./write-table.ts";

/** An explanation for people at a terminal. */
export function showExplanation(
  { outcome, format, profile, readings, refusals, skip, devices, steps, leftOut }: ExplanationView,
  { hasRegistry }: { readonly hasRegistry: boolean },
): readonly string[] {
  const lines: string[] = [];
  if (steps.length > 0) {
    const rows = steps.map(({ kind, about, text }, at) => [`${at + 1}`, kind, about, text]);
    lines.push(...writeTable([["STEP", "KIND", "ABOUT", "WHAT"], ...rows]), ...more(leftOut.steps, "steps"), "");
  }
  lines.push(
    [outcomes[outcome], format && `format ${format}`, profile && `profile ${profile}`].filter(Boolean).join(" · "),
  );
  if (skip !== undefined && readings.length === 0) lines.push(plainText(`It measures nothing: ${skip}.`));
  if (readings.length > 0) {
    lines.push("", ...writeTable([head, ...readings.map(rowOf)]), ...more(leftOut.readings, "readings"));
  }
  for (const refusal of refusals) lines.push("", ...showRefusal(refusal));
  const unknown = devices.filter(({ isKnown }) => !isKnown);
  const fates = hasRegistry ? devices : [];
  if (!hasRegistry && unknown.length > 0)
    lines.push(
      "",
      plainText(
        `No registry was asked; a town must have ${unknown
          .slice(0, 3)
          .map(({ id }) => id)
          .join(", ")}, or adopt it (--registry, --url).`,
      ),
    );
  if (fates.length > 0) lines.push("", ...fates.slice(0, shownDevices).map(({ fate }) => plainText(fate)));
  return lines;
}

const shownDevices = 20;

const outcomes: Readonly<Record<ExplanationView["outcome"], string>> = {
  readings: "Understood",
  partial: "Understood in part; the message waits in the quarantine for the rest",
  skipped: "Nothing to store",
  refused: "Refused; the message waits in the quarantine",
};

const head = ["TIME", "DEVICE", "PROPERTY", "CHANNEL", "VALUE", "UNIT", "AS SENT", "UNIT BY", "FIELD", "MARKS"];

function rowOf(one: ExplainedReadingView): readonly string[] {
  const { time, timeFrom, device, property, channel, value, unit, deviceValue, deviceUnit, unitFrom, field, checks } =
    one;
  return [
    timeFrom === "receipt" ? `${time} (receipt)` : time,
    device,
    property,
    channel ?? "",
    String(value),
    unit,
    deviceUnit === undefined ? String(deviceValue) : `${deviceValue} ${deviceUnit}`,
    unitFrom,
    field,
    checks.join(","),
  ];
}

function showRefusal({ code, expected, came, reading, device }: Refusal): readonly string[] {
  const about = [reading, device].filter((text) => text !== undefined && text !== "");
  return [
    `${code}${about.length === 0 ? "" : `: ${about.join(" of ")}`}`,
    `  expected  ${expected}`,
    `  came      ${came}`,
  ].map(plainText);
}

function more(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`and ${count} more ${what}`];
}
