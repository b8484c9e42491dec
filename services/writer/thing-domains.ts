import { otherDomain } from "@messnetz/bus";
import type { Observation } from "@messnetz/model";

export interface ThingDomains {
  domainOf(thing: string): string;
  /** The things of these observations came on the subject of this domain. */
  learn(observations: readonly Observation[], domain: string): void;
}

/** The domain of a thing is that of the bus subject which its observations came on. */
export function createThingDomains(): ThingDomains {
  const byThing = new Map<string, { domain: string }>();
  /** The same by datastream: a name is cut and looked up once, not with each of its observations. */
  const byDatastream = new Map<string, { domain: string }>();

  function find(datastream: string): { domain: string } {
    const thing = datastream.slice(0, datastream.indexOf("/"));
    let found = byThing.get(thing);
    if (found === undefined) byThing.set(thing, (found = { domain: otherDomain }));
    byDatastream.set(datastream, found);
    return found;
  }

  return {
    domainOf: (thing) => byThing.get(thing)?.domain ?? otherDomain,
    learn(observations, domain) {
      for (const { datastream } of observations) (byDatastream.get(datastream) ?? find(datastream)).domain = domain;
    },
  };
}
