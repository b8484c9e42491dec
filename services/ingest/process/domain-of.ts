import { otherDomain } from "@messnetz/bus";
import type { Directory, Domain, IntakeMessage } from "@messnetz/model";

/** The partition of the bus that a message goes to: the domain of what it measured first, else of its device, else `fallback`, else `other`. */
export function createDomainOf(
  directory: Pick<Directory, "device" | "thing">,
  fallback: Domain | undefined,
): (message: IntakeMessage) => string {
  return function domainOf({ device, observations: [first] }) {
    const thing =
      first === undefined
        ? directory.device(device)?.thing
        : directory.thing(first.datastream.slice(0, first.datastream.indexOf("/")));
    return thing?.domain ?? fallback ?? otherDomain;
  };
}
