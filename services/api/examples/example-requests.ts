export interface ExampleRequest {
  /** Values of the parameters of the path. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** A text is sent as it is. */
  readonly body?: unknown;
  /** Of a body that is not JSON. */
  readonly type?: string;
}

const meter = "meter-1/water_volume";
const level = { thing: "weir-1", series: "water_level" };

/**
 * How each route is asked in the description of the API, by method and path. In an order in which each finds what it needs: the test sends
 * them one after the other and holds `example-answers.json` against what comes. A route without a line fails it.
 */
export const exampleRequests: Readonly<Record<string, ExampleRequest>> = {
  "get /api/v1/things": { query: { domain: "water", limit: "1" } },
  "get /api/v1/things/{id}": { path: { id: "weir-1" } },
  "get /api/v1/datastreams": { query: { thing: "weir-1" } },
  "put /api/v1/datastreams/{thing}/{property}/settings": {
    path: { thing: "meter-1", property: "water_volume" },
    body: { public: true, rhythmMs: 3_600_000, register: { modulus: 100_000, resolution: 0.001 } },
  },
  "get /api/v1/datastreams/{thing}/{property}/settings": { path: { thing: "meter-1", property: "water_volume" } },
  "get /api/v1/properties": { query: { domain: "water" } },
  "get /api/v1/observations": {
    query: { datastream: "weir-1/water_level", from: "2026-03-28T11:00:00Z", to: "2026-03-28T12:00:00Z", limit: "1" },
  },
  "get /api/v1/observations/chart": {
    query: {
      datastream: "weir-1/water_level",
      from: "2026-03-27T00:00:00Z",
      to: "2026-03-28T00:00:00Z",
      points: "4",
    },
  },
  "get /api/v1/observations/export": {
    query: {
      datastream: "weir-1/water_level",
      from: "2026-03-28T11:00:00Z",
      to: "2026-03-28T12:00:00Z",
      format: "csv",
      dialect: "office",
      language: "de",
    },
  },
  "get /api/v1/archive/{thing}/{series}": { path: level, query: { year: "2026", format: "csv" } },
  "get /api/v1/archive/{thing}/{series}/{file}": { path: { ...level, file: "2026-02.csv" } },
  "get /api/v1/latest": { query: { domain: "water", property: "water_level" } },
  "get /api/v1/aggregates": { query: { datastream: meter, window: "day", span: "yesterday" } },
  "get /api/v1/aggregates/export": {
    query: { datastream: meter, window: "day", from: "2026-03-26", to: "2026-03-28", aggregate: "consumption" },
  },
  "get /api/v1/features": { query: { domain: "water", property: "water_level", bbox: "9.8,53.4,10,53.6" } },
  "get /api/v1/ledger": { query: { source: "waterworks-door" } },
  "get /api/v1/quarantine": { query: { source: "waterworks-door", limit: "1" } },
  "get /api/v1/quarantine/{id}": { path: { id: "40d92aa54d9059986c41188f461c8833" } },
  "get /api/v1/quarantine/{id}/payload": { path: { id: "40d92aa54d9059986c41188f461c8833" } },
  "post /api/v1/decode": {
    body: {
      topic: "waterworks/weir-1",
      payload: [{ bn: "urn:dev:ops:weir-1:", bt: 1_774_695_600, n: "water_level", u: "cm", v: 120 }],
      explain: true,
    },
  },
  "post /api/v1/tokens": {
    body: {
      name: "Dashboard of the waterworks",
      operator: "waterworks",
      scopes: ["read", "export"],
      domains: ["water"],
      expiresAt: "2027-01-01T00:00:00+01:00",
    },
  },
  "get /api/v1/tokens": {},
  "delete /api/v1/tokens/{id}": { path: { id: "7hq2k4xw3p" } },
  "put /api/v1/operators/{id}": { path: { id: "parks" }, body: { name: "Parks and gardens" } },
  "get /api/v1/operators": {},
  "put /api/v1/things/{id}": {
    path: { id: "soil-1" },
    body: {
      name: "Lime tree at the town hall",
      domain: "environment",
      operator: "parks",
      location: { type: "Point", coordinates: [9.95, 53.55] },
      tags: ["trees"],
    },
  },
  "put /api/v1/devices/{id}": { path: { id: "lorawan:24e124136b502217" }, body: { thing: "soil-1" } },
  "get /api/v1/devices": { query: { thing: "soil-1" } },
  "post /api/v1/credentials": { body: { id: "parks-door", operator: "parks", topics: ["parks/#"] } },
  "put /api/v1/credentials/{id}": {
    path: { id: "parks-door" },
    body: { operator: "parks", topics: ["parks/#", "gardens/#"] },
  },
  "post /api/v1/credentials/{id}/rotate": { path: { id: "parks-door" } },
  "get /api/v1/credentials": {},
  "delete /api/v1/credentials/{id}": { path: { id: "parks-door" } },
  "delete /api/v1/devices/{id}": { path: { id: "lorawan:24e124136b502217" } },
  "delete /api/v1/things/{id}": { path: { id: "soil-1" } },
  "delete /api/v1/datastreams/{thing}/{property}/settings": { path: { thing: "meter-1", property: "water_volume" } },
  "post /api/v1/import": {
    type: "text/csv",
    body: "thing,name,domain,operator,device\nsoil-2,Oak at the mill,environment,parks,lorawan:24e124136b502218\n",
  },
  "post /api/v1/removals": { body: { things: ["weir-1"], to: "2026-02-11T00:00:00+01:00" } },
  "get /api/v1/removals/{id}": { path: { id: "0d9cb8a4-5f0e-4c5c-9a39-6f6a2a1b7c11" } },
  "post /api/v1/months/close": {},
  "get /api/v1/months": {},
  "get /api/v1/audit": { query: { action: "operator.put", limit: "1" } },
  "get /api/v1/audit/verify": {},
  "post /api/v1/messages/{topic}": {
    path: { topic: "guest/gauge" },
    type: "application/json",
    body: [{ bn: "urn:dev:mac:02005e10ffff:", bt: 1_774_699_200, n: "water_level", u: "m", v: 1.23 }],
  },
  "post /api/v1/messages": {
    type: "application/x-ndjson",
    body: [
      '{"topic":"guest/gauge","payload":[{"bn":"urn:dev:mac:02005e10ffff:","bt":1774695600,"n":"water_level","u":"m","v":1.21}]}',
      '{"topic":"guest/gauge","payload":[{"bn":"urn:dev:mac:02005e10ffff:","n":"water_level","u":"m","v":1.22}],"receivedAt":"2026-03-28T11:30:00Z"}',
      '{"topic":"guest/gauge","payload":"1,23 m"}',
      "1.23",
      "",
    ].join("\n"),
  },
  "get /healthz": {},
  "get /readyz": {},
  "get /metrics": {},
  "get /openapi.json": {},
  "get /docs": {},
};

/** Path and query of an example, escaped. */
export function exampleAddress(route: string, { path = {}, query = {} }: ExampleRequest): string {
  const filled = route
    .slice(route.indexOf(" ") + 1)
    .replaceAll(/\{([^}]+)\}/g, (_all, name: string) => encodeURIComponent(path[name] ?? ""));
  const search = new URLSearchParams(query).toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return search === "" ? filled : `${filled}?${search.replaceAll("%2F", "/")}`;
}
