import {
  createCatalogue,
  type LedgerRow,
  type Observation,
  type ObservationChunk,
  observedProperties,
  parseDatastreamId,
  toChunk,
} from "@messnetz/model";
import type { QuarantineEntry } from "@messnetz/model";
import { createMemoryRegistry, type Principal, type Registry, type TokenRequest } from "@messnetz/registry";
import { createHealth, createLogger, createMetrics } from "@messnetz/runtime";
import type { ObservationQuery } from "@messnetz/store";
import { apiConfigSchema, type ApiLimits, limitsOf } from "./config.ts";
import { type ApiOptions, createApi } from "./create-api.ts";
import type { ProblemDocument } from "./problem.ts";
import type { ReadableStore } from "./store-guard.ts";

export const catalogue = createCatalogue(observedProperties);
/** 2026-03-28T12:00:00Z */
export const noon = 1_774_699_200_000;

export const operators = ["waterworks", "transport"] as const;

export interface ExampleTown {
  readonly registry: Registry;
  readonly options: ApiOptions;
  token(request?: Partial<TokenRequest>): Promise<string>;
  principal(request?: Partial<TokenRequest>): Promise<{ readonly token: string; readonly principal: Principal }>;
}

export interface TownContents {
  readonly observations?: readonly Observation[];
  readonly ledger?: readonly LedgerRow[];
  readonly quarantine?: readonly (QuarantineEntry & { readonly payload: Uint8Array })[];
  readonly store?: ReadableStore;
  readonly limits?: Partial<ApiLimits>;
}

/** Two operators with three things each, and whatever the store is to hold. */
export async function createExampleTown(contents: TownContents = {}): Promise<ExampleTown> {
  const registry = await createMemoryRegistry();
  for (const id of operators) await registry.putOperator({ id, name: id });
  const things = [
    { id: "weir-1", domain: "water", operator: "waterworks", location: { type: "Point", coordinates: [9.9, 53.5] } },
    {
      id: "weir-2",
      domain: "water",
      operator: "waterworks",
      location: { type: "Point", coordinates: [10.1, 53.6] },
      tags: ["mill"],
    },
    { id: "pump-1", domain: "wastewater", operator: "waterworks" },
    { id: "bus-1", domain: "transit", operator: "transport" },
    { id: "bus-2", domain: "transit", operator: "transport" },
    { id: "bay-1", domain: "traffic", operator: "transport", location: { type: "Point", coordinates: [9.9, 53.5] } },
  ] as const;
  for (const thing of things) {
    await registry.putThing({
      ...thing,
      name: `Thing ${thing.id}`,
      ...("tags" in thing ? { tags: [...thing.tags] } : {}),
    } as Parameters<Registry["putThing"]>[0]);
    await registry.putDevice({ id: `dev:${thing.id}`, thing: thing.id });
  }
  for (const operator of operators)
    await registry.issueCredential({ id: `${operator}-door`, operator, topics: ["#"], adopt: [] });
  const issue = async (request: Partial<TokenRequest> = {}) =>
    registry.issueToken({ name: "test", operator: "*", scopes: ["admin"], ...request });
  return {
    registry,
    options: {
      store: contents.store ?? arrayStore(contents),
      registry,
      catalogue,
      metrics: createMetrics({ process: false }),
      health: createHealth({ timeoutMs: 1000 }),
      log: createLogger({ service: "test", form: "json", level: "silent" }),
      clock: () => noon,
      timeZone: "Europe/Berlin",
      limits: { ...limitsOf(apiConfigSchema.parse({})), ...contents.limits },
    },
    token: async (request) => (await issue(request)).token,
    principal: async (request) => issue(request),
  };
}

/** What tests look for in JSON; the schemas of the routes say what stands where. */
export interface AnswerBody extends Partial<ProblemDocument> {
  readonly items?: readonly Readonly<Record<string, unknown>>[];
  readonly next?: string;
  readonly [member: string]: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: AnswerBody;
}

export interface RunningTown extends ExampleTown {
  readonly base: string;
  /** With an admin token of all operators, unless another is given. */
  get(path: string, token?: string): Promise<Answer>;
  send(
    method: string,
    path: string,
    given?: { readonly body?: unknown; readonly type?: string; readonly token?: string },
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** The town with its API on a free port. */
export async function startExampleTown(contents: TownContents = {}): Promise<RunningTown> {
  const town = await createExampleTown(contents);
  const api = await createApi(town.options);
  const base = await api.listen("127.0.0.1", 0);
  const admin = await town.token();
  const send: RunningTown["send"] = async (method, path, { body, type = "application/json", token = admin } = {}) => {
    const answer = await fetch(base + path, {
      method,
      headers: {
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": type }),
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson =
      /json/.test(answer.headers.get("content-type") ?? "") && !/ndjson/.test(answer.headers.get("content-type") ?? "");
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: isJson ? (JSON.parse(text) as AnswerBody) : {},
    };
  };
  return {
    ...town,
    base,
    send,
    get: (path, token) => send("GET", path, token === undefined ? {} : { token }),
    close: async () => {
      await api.close();
      await town.registry.close();
    },
  };
}

/** The observations as a store would answer, straight from the words of its port. */
function arrayStore({ observations = [], ledger = [], quarantine = [] }: TownContents): ReadableStore {
  const sorted = observations.toSorted(
    (a, b) => compare(a.datastream, b.datastream) || a.phenomenonTime - b.phenomenonTime || a.ordinal - b.ordinal,
  );
  return {
    observations: {
      read: async function* (query): AsyncIterable<ObservationChunk> {
        const found = sorted.filter((one) => matches(one, query)).slice(0, query.limit);
        for (let at = 0; at < found.length; at += 2) yield toChunk(found.slice(at, at + 2));
      },
      latest: async (query) => {
        const { interval: _interval, after: _after, ...rest } = query;
        const newest = new Map(sorted.filter((one) => matches(one, rest)).map((one) => [one.datastream, one]));
        return [...newest.values()];
      },
    },
    quarantine: {
      list: async ({ sources, interval, before, limit }) =>
        quarantine
          .filter(
            (entry) =>
              (sources?.includes(entry.source) ?? true) &&
              (interval === undefined || (entry.receivedAt >= interval.from && entry.receivedAt < interval.to)) &&
              (before === undefined ||
                entry.receivedAt < before.receivedAt ||
                (entry.receivedAt === before.receivedAt && entry.id < before.id)),
          )
          .toSorted((a, b) => b.receivedAt - a.receivedAt || compare(b.id, a.id))
          .slice(0, limit)
          .map(({ payload: _payload, ...entry }) => entry),
      get: async (id) => quarantine.find((entry) => entry.id === id),
    },
    ledger: {
      rows: async ({ sources, devices, fromDay, toDay }) =>
        ledger.filter(
          (row) =>
            (sources?.includes(row.source) ?? true) &&
            (devices?.includes(row.device) ?? true) &&
            (fromDay === undefined || row.day >= fromDay) &&
            (toDay === undefined || row.day <= toDay),
        ),
    },
  };
}

function matches(one: Observation, { datastreams, things, properties, interval, after }: ObservationQuery): boolean {
  const { thing, property } = parseDatastreamId(one.datastream)!;
  return (
    (datastreams?.includes(one.datastream) ?? true) &&
    (things?.includes(thing) ?? true) &&
    (properties?.includes(property) ?? true) &&
    (interval === undefined || (one.phenomenonTime >= interval.from && one.phenomenonTime < interval.to)) &&
    (after === undefined ||
      (compare(one.datastream, after.datastream) ||
        one.phenomenonTime - after.phenomenonTime ||
        one.ordinal - after.ordinal) > 0)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
