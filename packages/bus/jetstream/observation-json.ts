import type { Observation } from "@messnetz/model";

/** Text that stands between quotes as it is: most datastream ids. */
const plainText = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** The JSON of an observation on the bus: `ordinal` 0 and no checks are left out. A third of the time that JSON.stringify takes. */
export function toObservationJson(observation: Observation): string {
  const {
    datastream,
    phenomenonTime,
    intervalStart,
    ordinal,
    resultTime,
    result,
    quality,
    checks,
    revision,
    deviceTime,
  } = observation;
  return (
    `{"datastream":${quoted(datastream)},"phenomenonTime":${phenomenonTime}` +
    (intervalStart === undefined ? "" : `,"intervalStart":${intervalStart}`) +
    (ordinal === 0 ? "" : `,"ordinal":${ordinal}`) +
    `,"resultTime":${resultTime},"result":${typeof result === "number" ? numberText(result) : quoted(result)}` +
    `,"quality":"${quality}"` +
    (checks.length === 0 ? "" : `,"checks":["${checks.join('","')}"]`) +
    `,"revision":${revision}` +
    (deviceTime === undefined ? "}" : `,"deviceTime":${deviceTime}}`)
  );
}

function quoted(text: string): string {
  return plainText.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** JSON knows no NaN and no infinity, and neither does an observation: a mistake of ours must not become a hole on the bus. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`expected a finite result, came ${value}`);
  return `${value}`;
}
