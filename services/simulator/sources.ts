import type { Source } from "@messnetz/model";

export const operators = [
  { id: "stadtwerke", name: "Stadtwerke Beispielstadt GmbH" },
  { id: "entwaesserung", name: "Stadtentwässerung Beispielstadt" },
  { id: "tiefbauamt", name: "Tiefbauamt der Stadt Beispielstadt" },
  { id: "verkehrsbetrieb", name: "Verkehrsbetrieb Beispielstadt" },
  { id: "abfallwirtschaft", name: "Abfallwirtschaft Beispielstadt" },
  { id: "umweltamt", name: "Umweltamt der Stadt Beispielstadt" },
] as const;

const shellyTopics = ["+/status/+", "+/events/rpc", "+/online"];

/** One credential for each network server, gateway or control system: what it may publish, and for which devices. */
export const sources: readonly Source[] = [
  ...["stadtwerke", "entwaesserung", "tiefbauamt", "verkehrsbetrieb", "umweltamt"].map((operator) =>
    source(`${operator}-senml`, { topics: [`senml/${operator}/#`], devices: ["urn:dev:mac:*"], format: "senml" }),
  ),
  source("stadtwerke-wmbus", { topics: ["wmbusmeters/#"], devices: ["wmbus:*"], timeZone: "Europe/Berlin" }),
  source("stadtwerke-tasmota", {
    topics: ["tele/+/SENSOR", "tele/+/STATE", "tele/+/LWT"],
    devices: ["tasmota:*"],
    timeZone: "Europe/Berlin",
  }),
  source("stadtwerke-shelly", { topics: shellyTopics, devices: ["shelly:*"] }),
  source("entwaesserung-shelly", { topics: shellyTopics, devices: ["shelly:*"] }),
  source("entwaesserung-chirpstack", { topics: ["application/+/device/+/event/+"], devices: ["lorawan:*"] }),
  source("umweltamt-chirpstack", { topics: ["application/+/device/+/event/+"], devices: ["lorawan:*"] }),
  source("entwaesserung-scada", { topics: ["plain/+/+", "plain/+/+/+"], devices: ["plain:*"] }),
  source("tiefbauamt-plain", { topics: ["plain/+/+"], devices: ["plain:*"] }),
  source("umweltamt-plain", { topics: ["plain/+/+"], devices: ["plain:*"] }),
  source("tiefbauamt-lorawan", { topics: ["v3/parken@beispielstadt/devices/+/up"], devices: ["lorawan:*"] }),
  source("abfallwirtschaft-lorawan", { topics: ["v3/abfall@beispielstadt/devices/+/up"], devices: ["lorawan:*"] }),
  source("verkehrsbetrieb-buses", {
    topics: ["/hfp/v2/journey/#"],
    devices: ["hfp:*"],
    // A bus that is seen for the first time becomes a thing by itself.
    adopt: [{ format: "hsl-hfp", domain: "transit", tags: ["bus"] }],
  }),
];

function source(id: string, rest: Omit<Source, "id" | "operator" | "adopt"> & Partial<Pick<Source, "adopt">>): Source {
  return { id, operator: id.slice(0, id.indexOf("-")), adopt: [], ...rest };
}
