/** MQTT 5.0, 1.5.4: a string has at most 65,535 bytes. */
const maxBytes = 65_535;

/** Whether the text is an MQTT topic filter (MQTT 5.0, 4.7.1): `+` fills a level, `#` fills the last one, no character is NUL. */
export function isTopicFilter(text: string): boolean {
  if (text === "" || text.includes("\0") || Buffer.byteLength(text) > maxBytes) return false;
  return text
    .split("/")
    .every((level, at, all) =>
      level.includes("#") ? level === "#" && at === all.length - 1 : level === "+" || !level.includes("+"),
    );
}
