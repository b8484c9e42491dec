import { type Domain, domains, type Observation, type Thing } from "@messnetz/model";

const width = 12;

/** Counts what arrives, by domain, for people to look at. */
export function createArrivals(things: { thing(id: string): Thing | undefined }) {
  const counts = new Map<Domain, number>(domains.map((domain) => [domain, 0]));
  const domainOf = new Map<string, Domain | undefined>();

  function find(datastream: string): Domain | undefined {
    if (!domainOf.has(datastream)) {
      domainOf.set(datastream, things.thing(datastream.slice(0, datastream.indexOf("/")))?.domain);
    }
    return domainOf.get(datastream);
  }

  return {
    count(observations: readonly Observation[]): void {
      for (const { datastream } of observations) {
        const domain = find(datastream);
        if (domain !== undefined) counts.set(domain, counts.get(domain)! + 1);
      }
    },
    header: () => `Observations so far  ${domains.map((domain) => domain.padStart(width)).join("")}`,
    line(now: Date): string {
      const cells = domains.map((domain) => counts.get(domain)!.toLocaleString("en").padStart(width));
      return `  ${now.toTimeString().slice(0, 8)}           ${cells.join("")}`;
    },
  };
}
