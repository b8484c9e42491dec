/**
 * Does an MQTT topic filter match the topic? MQTT 5.0, clause 4.7: `+` one level, `#` the rest and the parent level. Topics that begin
 * with `$` are not matched by a filter that begins with a wild card.
 */
export function matchesTopic(filter: string, topic: string): boolean {
  if (filter === "#") return topic[0] !== "$";
  const wanted = filter.split("/");
  const levels = topic.split("/");
  if (topic[0] === "$" && (wanted[0] === "+" || wanted[0] === "#")) return false;
  for (let at = 0; at < wanted.length; at++) {
    const want = wanted[at];
    if (want === "#") return true;
    if (at >= levels.length || (want !== "+" && want !== levels[at])) return false;
  }
  return wanted.length === levels.length;
}
