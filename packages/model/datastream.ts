/** One observed property of one thing, perhaps of one channel: `<thing>/<property>[.<channel>]`. */
export interface Datastream {
  readonly id: string;
  readonly thing: string;
  readonly property: string;
  readonly channel?: string;
}

const channelPattern = /^[A-Za-z0-9_-]{1,64}$/;

export function isChannel(text: string): boolean {
  return channelPattern.test(text);
}

export function datastreamId(thing: string, property: string, channel?: string): string {
  return channel === undefined ? `${thing}/${property}` : `${thing}/${property}.${channel}`;
}

/** Undefined where the text is not a datastream id. */
export function parseDatastreamId(id: string): Datastream | undefined {
  const slash = id.indexOf("/");
  if (slash < 1) return undefined;
  const dot = id.indexOf(".", slash);
  const thing = id.slice(0, slash);
  if (dot < 0) return slash + 1 < id.length ? { id, thing, property: id.slice(slash + 1) } : undefined;
  const property = id.slice(slash + 1, dot);
  const channel = id.slice(dot + 1);
  return property !== "" && isChannel(channel) ? { id, thing, property, channel } : undefined;
}
