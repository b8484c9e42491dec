/** Nobody is asked more often, however much of what it sends cannot be read. */
const onceInMs = 60_000;
/** Topics that are remembered; of more the oldest may be asked again. */
const maxTopics = 10_000;

/** Whether a message to a device may go out on the topic now: one a minute. `now`: milliseconds, monotonic. */
export function createRequestPace(now: () => number): (topic: string) => boolean {
  const asked = new Map<string, number>();
  return function mayAsk(topic) {
    const last = asked.get(topic);
    const at = now();
    if (last !== undefined && at - last < onceInMs) return false;
    asked.delete(topic);
    if (asked.size >= maxTopics) asked.delete(asked.keys().next().value!);
    asked.set(topic, at);
    return true;
  };
}
