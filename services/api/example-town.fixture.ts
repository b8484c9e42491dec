import { createProfileSet, type DeviceProfile, formats } from "@messnetz/formats";
import { createCatalogue, type IntakeMessage, type Observation, observedProperties } from "@messnetz/model";
import { createMemoryRegistry, type Principal, type Registry, type TokenRequest } from "@messnetz/registry";
import { createHealth, createLogger, createMetrics, type Logger } from "@messnetz/runtime";
import {
  type AuditLog,
  createEraser,
  createMemoryAuditLog,
  createMemoryStore,
  type EmbeddedStore,
} from "@messnetz/store";
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
  readonly audit: AuditLog;
  /** Puts more into its store. */
  write(observations: readonly Observation[]): Promise<void>;
  token(request?: Partial<TokenRequest>): Promise<string>;
  principal(request?: Partial<TokenRequest>): Promise<{ readonly token: string; readonly principal: Principal }>;
}

export interface TownContents {
  readonly observations?: readonly Observation[];
  readonly messages?: readonly IntakeMessage[];
  /** Absent: in memory. What is to be in it is written into it. */
  readonly store?: EmbeddedStore;
  /** In place of `store`, for one that fails. */
  readonly readable?: Omit<ReadableStore, "audit" | "eraser">;
  /** Absent: in memory. */
  readonly audit?: AuditLog;
  readonly limits?: Partial<ApiLimits>;
  readonly closeGraceMs?: number;
  readonly profiles?: ReadonlySet<string>;
  /** That are used to decode. */
  readonly deviceProfiles?: readonly DeviceProfile[];
  /** Absent: nothing is logged. */
  readonly log?: Logger;
}

/** Two operators with three things each. */
export async function fillTown(registry: Registry): Promise<void> {
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
}

/** Two operators with three things each, and whatever the store is to hold. */
export async function createExampleTown(contents: TownContents = {}): Promise<ExampleTown> {
  const store =
    contents.store ?? createMemoryStore({ quarantine: { maxBytes: 2 ** 20, maxAgeMs: 2 ** 40 }, clock: () => noon });
  await store.observations.write(contents.observations ?? []);
  await store.intake.commit({ messages: contents.messages ?? [], receipts: [], sessions: [] });
  const audit = contents.audit ?? createMemoryAuditLog({ clock: () => noon });
  const registry = await createMemoryRegistry();
  const profileSet = createProfileSet(contents.deviceProfiles ?? []);
  await fillTown(registry);
  const issue = async (request: Partial<TokenRequest> = {}) =>
    registry.issueToken({ name: "test", operator: "*", scopes: ["admin"], ...request });
  return {
    registry,
    audit,
    write: async (observations) => void (await store.observations.write(observations)),
    options: {
      store: { eraser: createEraser(store), ...(contents.readable ?? store), audit },
      registry,
      catalogue,
      decoding: { formats, profiles: { profile: (query) => profileSet.find(query) } },
      metrics: createMetrics({ process: false }),
      health: createHealth({ timeoutMs: 1000 }),
      log: contents.log ?? createLogger({ service: "test", form: "json", level: "silent" }),
      clock: () => noon,
      timeZone: "Europe/Berlin",
      ...(contents.closeGraceMs === undefined ? {} : { closeGraceMs: contents.closeGraceMs }),
      ...(contents.profiles === undefined ? {} : { profiles: contents.profiles }),
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
