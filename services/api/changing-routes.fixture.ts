import type { ExampleTown } from "./example-town.fixture.ts";

/** Whose things a request is to change. */
export interface Target {
  readonly operator: string;
  readonly thing: string;
  readonly device: string;
  readonly credential: string;
  /** Id of a token. */
  readonly token: string;
}

interface ChangingRequest {
  readonly path: string;
  readonly body?: unknown;
  readonly type?: string;
}

/** How each route that changes something is asked to: a route without a line here fails the tests that walk them all. */
const requests: Readonly<Record<string, (target: Target) => ChangingRequest>> = {
  "put /api/v1/operators/{id}": ({ operator }) => ({ path: `operators/${operator}`, body: { name: "Renamed" } }),
  "put /api/v1/things/{id}": ({ thing, operator }) => ({
    path: `things/${thing}`,
    body: { name: "Changed", domain: "water", operator },
  }),
  "put /api/v1/devices/{id}": ({ device, thing }) => ({ path: `devices/${device}`, body: { thing } }),
  "put /api/v1/datastreams/{thing}/{property}/settings": ({ thing }) => ({
    path: `datastreams/${thing}/flow/settings`,
    body: { public: true },
  }),
  "put /api/v1/credentials/{id}": ({ credential, operator }) => ({
    path: `credentials/${credential}`,
    body: { operator, topics: ["changed/#"] },
  }),
  "post /api/v1/credentials": ({ operator, credential }) => ({
    path: "credentials",
    body: { id: `${credential}-new`, operator, topics: ["#"] },
  }),
  "post /api/v1/credentials/{id}/rotate": ({ credential }) => ({ path: `credentials/${credential}/rotate` }),
  "post /api/v1/tokens": ({ operator }) => ({ path: "tokens", body: { name: "new", operator, scopes: ["read"] } }),
  "post /api/v1/import": ({ thing, operator }) => ({
    path: "import",
    type: "text/csv",
    body: `thing,name,domain,operator\n${thing},Imported,water,${operator}\n`,
  }),
  "post /api/v1/removals": ({ thing }) => ({ path: "removals", body: { things: [thing] } }),
  "post /api/v1/months/close": () => ({ path: "months/close" }),
  "delete /api/v1/datastreams/{thing}/{property}/settings": ({ thing }) => ({
    path: `datastreams/${thing}/flow/settings`,
  }),
  "delete /api/v1/devices/{id}": ({ device }) => ({ path: `devices/${device}` }),
  "delete /api/v1/things/{id}": ({ thing }) => ({ path: `things/${thing}` }),
  "delete /api/v1/credentials/{id}": ({ credential }) => ({ path: `credentials/${credential}` }),
  "delete /api/v1/tokens/{id}": ({ token }) => ({ path: `tokens/${token}` }),
};

/** Their senders have credentials, and no tokens; who may what there is tried at the door itself, in `services/town`. */
const ofTheDoor: ReadonlySet<string> = new Set(["post /api/v1/messages", "post /api/v1/messages/{topic}"]);

export interface ChangingRoute {
  /** `put /api/v1/things/{id}` */
  readonly name: string;
  readonly method: string;
  requestOf(target: Target): ChangingRequest;
}

/** Of those that look like it and change nothing: their questions have no room in an address. */
const askingRoutes: readonly string[] = ["post /api/v1/decode"];

/** Every route of the description that changes something, in an order in which each finds what it needs. Throws for one that is not known here. */
export function changingRoutes(description: object): readonly ChangingRoute[] {
  const { paths } = description as { readonly paths: Readonly<Record<string, object>> };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => method !== "get" && method !== "head")
      .map((method) => `${method} ${path}`),
  );
  const others = new Set([...ofTheDoor, ...askingRoutes]);
  const unknown = described.filter((name) => !Object.hasOwn(requests, name) && !others.has(name));
  if (unknown.length > 0)
    throw new Error(`expected a request in changing-routes.fixture.ts for ${unknown.join(", ")}; there is none`);
  return Object.entries(requests)
    .filter(([name]) => described.includes(name))
    .map(([name, request]) => ({
      name,
      method: name.split(" ")[0]!.toUpperCase(),
      requestOf(target) {
        const { path, ...rest } = request(target);
        return { path: `/api/v1/${path}`, ...rest };
      },
    }));
}

/** All that the registry knows but of operators in general, as one text: whoever changes something changes it. */
export function registryText({ registry }: Pick<ExampleTown, "registry">, operator: string): string {
  const things = registry.things({ operators: [operator] });
  return JSON.stringify([
    registry.operator(operator),
    things,
    registry.devices({ operators: [operator] }),
    registry.datastreams().filter(({ id }) => things.some((thing) => id.startsWith(`${thing.id}/`))),
    registry.credentials().filter(({ source }) => source.operator === operator),
    registry.tokens().filter((token) => token.operator === operator),
  ]);
}
