import { otherDomain } from "@messnetz/bus";
import type { Directory, Domain, IntakeMessage } from "@messnetz/model";

/** A town has fewer datastreams; a flood of new ones starts over. */
const maxRemembered = 200_000;

/** The partition of the bus that a message goes to: the domain of what it measured first, else of its device, else `fallback`, else `other`. */
export function createDomainOf(
  directory: Pick<Directory, "device" | "thing" | "version">,
  fallback: Domain | undefined,
): (message: IntakeMessage) => string {
  /** By datastream: its text is the same object for all messages, and found at once. */
  const known = new Map<string, string>();
  let version = directory.version;

  function ofDatastream(datastream: string): string {
    if (directory.version !== version || known.size >= maxRemembered) {
      known.clear();
      version = directory.version;
    }
    const remembered = known.get(datastream);
    if (remembered !== undefined) return remembered;
    const domain = directory.thing(datastream.slice(0, datastream.indexOf("/")))?.domain;
    if (domain !== undefined) known.set(datastream, domain);
    return domain ?? fallback ?? otherDomain;
  }

  return function domainOf({ device, observations: [first] }) {
    if (first !== undefined) return ofDatastream(first.datastream);
    return directory.device(device)?.thing.domain ?? fallback ?? otherDomain;
  };
}
