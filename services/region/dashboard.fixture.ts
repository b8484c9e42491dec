import { unitSymbol } from "@messnetz/exports";
import { type Domain, domains, type Kind, type ObservedProperty, observedProperties } from "@messnetz/model";

const names: Readonly<Record<Domain, string>> = {
  traffic: "Straßenverkehr · Traffic",
  transit: "Nahverkehr · Transit",
  water: "Wasser · Water",
  wastewater: "Abwasser · Wastewater",
  energy: "Energie · Energy",
  waste: "Abfall · Waste",
  environment: "Umwelt · Environment",
};
const rows: Readonly<Record<Kind, string>> = {
  gauge: "Messwerte · Gauges",
  amount: "Mengen · Amounts",
  counter: "Zähler · Counters",
  state: "Zustände · States",
};
const datasource = { type: "influxdb", uid: "messnetz" };
/** Grafana's grid has 24 columns. */
const columns = 24;
const panelWidth = 8;
const panelHeight = 8;
const perRow = columns / panelWidth;
/** As the store writes it: 0 or no field good, 1 suspect, 2 bad. What is bad is not drawn. No comparison finds a point without the field, but this one. */
const notBad = `("quality" = 2) = false`;

export interface Dashboard {
  readonly uid: string;
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly query: string }[] }[];
  readonly templating: { readonly list: readonly { readonly query: string }[] };
  readonly [setting: string]: unknown;
}

/** Of each domain what it has of its own, and one for what the devices of all domains say of themselves. */
export function createDashboards(): ReadonlyMap<string, Dashboard> {
  const ofDomains = domains.map((domain) => {
    const own = observedProperties.filter((property) => property.domains.includes(domain) && !isEverywhere(property));
    return [domain, createDashboard({ name: domain, title: names[domain], properties: own, domain })] as const;
  });
  const everywhere = observedProperties.filter(isEverywhere);
  const title = "Geräte · Devices";
  return new Map([...ofDomains, ["devices", createDashboard({ name: "devices", title, properties: everywhere })]]);
}

/** As JSON with a line for each panel, so that a change of the catalogue is a change of few lines. */
export function dashboardText({ panels, ...rest }: Dashboard): string {
  const head = JSON.stringify(rest, undefined, 1).slice(0, -2);
  return `${head},\n "panels": [\n${panels.map((panel) => `  ${JSON.stringify(panel)}`).join(",\n")}\n ]\n}\n`;
}

function isEverywhere(property: ObservedProperty): boolean {
  return property.domains.length === domains.length;
}

interface Plan {
  readonly name: string;
  readonly title: string;
  readonly properties: readonly ObservedProperty[];
  /** Absent: any. */
  readonly domain?: Domain;
}

function createDashboard({ name, title, properties, domain }: Plan): Dashboard {
  const panels: Dashboard["panels"][number][] = [];
  let y = 0;
  let id = 0;
  for (const kind of ["gauge", "amount", "counter", "state"] as const) {
    const list = properties.filter((property) => property.kind === kind);
    if (list.length === 0) continue;
    panels.push(createRow({ id: ++id, title: rows[kind], y }));
    y += 1;
    for (const [n, property] of list.entries()) panels.push(createPanel(property, { domain, id: ++id, n, y }));
    y += Math.ceil(list.length / perRow) * panelHeight;
  }
  return {
    uid: `messnetz-${name}`,
    title,
    tags: ["messnetz"],
    schemaVersion: 41,
    editable: false,
    timezone: "browser",
    refresh: "1m",
    time: { from: "now-24h", to: "now" },
    links: [{ type: "dashboards", title: "Messnetz", tags: ["messnetz"], asDropdown: true, keepTime: true }],
    templating: { list: [...(domain === undefined ? [domainVariable] : []), thingVariable(properties, domain)] },
    panels,
  };
}

function createRow({ id, title, y }: { id: number; title: string; y: number }) {
  return { id, type: "row", title, collapsed: false, panels: [], gridPos: { x: 0, y, w: columns, h: 1 } };
}

/** On the dashboard of all domains a person chooses. */
const domainVariable = {
  name: "domain",
  label: "Bereich · Domain",
  type: "custom",
  query: domains.map((domain) => `${names[domain]} : ${domain}`).join(","),
  options: domains.map((domain) => ({ text: names[domain], value: domain, selected: false })),
  multi: true,
  includeAll: true,
  allValue: ".*",
  current: { text: ["All"], value: ["$__all"] },
};

function ofDomain(domain: Domain | undefined): string {
  return domain === undefined ? '"domain" =~ /^${domain:regex}$/' : `"domain" = '${domain}'`;
}

/** Things that have any of the properties. */
function thingVariable(properties: readonly ObservedProperty[], domain: Domain | undefined) {
  const measurements = properties.map(({ key }) => key).join("|");
  const where = ` WHERE ${ofDomain(domain)}`;
  const query = `SHOW TAG VALUES FROM /^(${measurements})$/ WITH KEY = "thing"${where}`;
  return {
    name: "thing",
    label: "Objekt · Thing",
    type: "query",
    datasource,
    query,
    definition: query,
    refresh: 2,
    multi: true,
    includeAll: true,
    allValue: ".*",
    current: { text: ["All"], value: ["$__all"] },
    sort: 1,
  };
}

interface Place {
  readonly domain: Domain | undefined;
  readonly id: number;
  /** Of the panels of its row. */
  readonly n: number;
  readonly y: number;
}

function createPanel(property: ObservedProperty, { domain, id, n, y }: Place) {
  const { key, name, unit, kind, states, range, description } = property;
  const isWords = kind === "state" && (states !== undefined || range === undefined);
  const symbol = unitSymbol(unit);
  const isFlag = kind === "state" && !isWords;
  return {
    id,
    type: isWords ? "state-timeline" : kind === "amount" ? "barchart" : "timeseries",
    title: `${name.de} · ${name.en}`,
    ...(description === undefined ? {} : { description }),
    datasource,
    gridPos: {
      x: (n % perRow) * panelWidth,
      y: y + Math.floor(n / perRow) * panelHeight,
      w: panelWidth,
      h: panelHeight,
    },
    targets: [
      {
        refId: "A",
        datasource,
        rawQuery: true,
        resultFormat: "time_series",
        alias: "$tag_thing $tag_channel",
        query: queryOf({ key, domain, kind, isWords }),
      },
    ],
    fieldConfig: {
      defaults: {
        ...(symbol === "" ? {} : { unit: `suffix: ${symbol}` }),
        ...(isFlag ? { min: 0, max: 1 } : {}),
        ...(kind === "gauge" || kind === "counter"
          ? { custom: { showPoints: "auto", spanNulls: true, lineWidth: 1 } }
          : {}),
        ...(isFlag ? { custom: { drawStyle: "line", lineInterpolation: "stepAfter", fillOpacity: 20 } } : {}),
      },
      overrides: [],
    },
    options:
      kind === "amount"
        ? { stacking: "normal", xTickLabelSpacing: 100, legend: { displayMode: "list", placement: "bottom" } }
        : isWords
          ? { showValue: "auto", mergeValues: true }
          : { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi", sort: "desc" } },
  };
}

/** What is drawn of an interval: of levels the mean, of amounts the sum, of registers the last. */
function queryOf(about: { key: string; domain: Domain | undefined; kind: Kind; isWords: boolean }): string {
  const { key, domain, kind, isWords } = about;
  const where = `${ofDomain(domain)} AND "thing" =~ /^\${thing:regex}$/ AND ${notBad} AND $timeFilter`;
  if (isWords) return `SELECT "state" FROM "${key}" WHERE ${where} GROUP BY "thing", "channel"`;
  const selector = { gauge: "mean", amount: "sum", counter: "last", state: "max" }[kind];
  return `SELECT ${selector}("value") FROM "${key}" WHERE ${where} GROUP BY time($__interval), "thing", "channel" fill(none)`;
}
