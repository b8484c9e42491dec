import { otherDomain } from "@messnetz/bus";
import type { Observation } from "@messnetz/model";

export interface ThingDomains {
  domainOf(thing: string): string;
  /** The things of these observations came on the subject of this domain. */
  learn(observations: readonly Observation[], domain: string): void;
}

/** The domain of a thing is that of the bus subject which its observations came on. */
export function createThingDomains(): ThingDomains {
  const domains = new Map<string, string>();
  return {
    domainOf: (thing) => domains.get(thing) ?? otherDomain,
    learn(observations, domain) {
      let last = "";
      for (const { datastream } of observations) {
        // Neighbours are mostly of one message, and so of one thing.
        if (last !== "" && datastream.startsWith(last)) continue;
        const slash = datastream.indexOf("/");
        last = datastream.slice(0, slash + 1);
        domains.set(datastream.slice(0, slash), domain);
      }
    },
  };
}
