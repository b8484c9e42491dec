import { startTownProcess } from "@messnetz/bench";
import { openEmbeddedRegistry, type Registry } from "@messnetz/registry";
import type { SimulatedTown } from "@messnetz/simulator";
import { createTemporaryFolder, eventually } from "@messnetz/testing";
import { connectAsync } from "mqtt";
import { openRegion } from "./region.ts";
import { sectors } from "./sectors.ts";
import { putSimulatedTown } from "./simulate.ts";

export interface SentMessage {
  /** Id of the credential. */
  readonly source: string;
  readonly topic: string;
  readonly payload: string | Buffer;
}

/** A platform that has got the messages, and is asked. */
export interface FilledTown {
  get(path: string): Promise<Response>;
}

export interface BothTowns extends AsyncDisposable {
  readonly embedded: FilledTown;
  readonly servers: FilledTown;
}

/** To whose door the devices of each operator of the simulated town publish. */
const sectorOf: Readonly<Record<string, string>> = {
  stadtwerke: "energy",
  entwaesserung: "water",
  umweltamt: "water",
  tiefbauamt: "traffic",
  verkehrsbetrieb: "transit",
  abfallwirtschaft: "waste",
};
const countedWithinMs = 60_000;

interface Access {
  readonly token: string;
  readonly secrets: ReadonlyMap<string, string>;
}

/** The embedded town and the constellation of servers, each with the same messages of a simulated town, published to their doors. */
export async function openBothTowns(town: SimulatedTown, messages: readonly SentMessage[]): Promise<BothTowns> {
  const opened = new AsyncDisposableStack();
  try {
    const started = [openEmbedded(town, opened), openServers(town, opened)] as const;
    await Promise.allSettled(started);
    const [embedded, servers] = await Promise.all(started);
    await Promise.all(
      [embedded, servers].map(async ({ access, urlOf, filled }) => {
        await publish(town, messages, { access, urlOf });
        await counted(filled, messages.length);
      }),
    );
    return { embedded: embedded.filled, servers: servers.filled, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

async function openEmbedded(town: SimulatedTown, opened: AsyncDisposableStack) {
  const folder = opened.use(await createTemporaryFolder());
  const registry = await openEmbeddedRegistry({ dataDir: folder.path });
  let access: Access;
  try {
    access = await fill(registry, town);
  } finally {
    await registry.close();
  }
  const { child, run, url } = await startTownProcess(folder.path);
  opened.defer(async () => void (await child.stop()));
  const door = `mqtt://${run.mqtt.host}:${run.mqtt.port}`;
  return { access, urlOf: () => door, filled: createClient(url, access.token) };
}

async function openServers(town: SimulatedTown, opened: AsyncDisposableStack) {
  const folder = opened.use(await createTemporaryFolder());
  const filling = Promise.withResolvers<Access>();
  const region = await openRegion({
    dataDirectory: folder.path,
    bridged: Object.fromEntries(sectors.map(({ name }) => [name, []])),
    prepare: async (registry) => filling.resolve(await fill(registry, town)),
  });
  opened.defer(() => region.close());
  const access = await filling.promise;
  const urlOf = (operator: string): string => region.doors.get(sectorOf[operator]!)!;
  return { access, urlOf, filled: createClient(region.url, access.token) };
}

async function fill(registry: Registry, town: SimulatedTown): Promise<Access> {
  await putSimulatedTown(registry, town);
  const secrets = new Map<string, string>();
  for (const { id } of town.sources) secrets.set(id, (await registry.rotateCredential(id)).secret);
  const { token } = await registry.issueToken({
    name: "trial",
    operator: "*",
    scopes: ["read", "export", "quarantine", "ledger"],
  });
  return { token, secrets };
}

function createClient(url: string, token: string): FilledTown {
  // A connection of its own: comparing takes longer than the API keeps an idle one, and this process does not hear of its end meanwhile.
  return {
    get: (path) => fetch(url + path, { headers: { authorization: `Bearer ${token}`, connection: "close" } }),
  };
}

interface Doors {
  readonly access: Access;
  urlOf(operator: string): string;
}

/** Each source in order, no two messages of a topic at once: what tells no time has its own time of receipt then. */
async function publish(town: SimulatedTown, messages: readonly SentMessage[], { access, urlOf }: Doors): Promise<void> {
  const bySource = Map.groupBy(messages, ({ source }) => source);
  const publishing = town.sources.map(async ({ id, operator }) => {
    const client = await connectAsync(urlOf(operator), {
      clientId: `same-${id}`,
      username: id,
      password: access.secrets.get(id)!,
    });
    try {
      for (const together of inTurns(bySource.get(id) ?? []))
        await Promise.all(together.map(({ topic, payload }) => client.publishAsync(topic, payload, { qos: 1 })));
    } finally {
      await client.endAsync();
    }
  });
  await Promise.all(publishing);
}

function* inTurns(messages: readonly SentMessage[]): Generator<readonly SentMessage[]> {
  let turn: SentMessage[] = [];
  const topics = new Set<string>();
  for (const message of messages) {
    if (topics.has(message.topic)) {
      yield turn;
      turn = [];
      topics.clear();
    }
    turn.push(message);
    topics.add(message.topic);
  }
  yield turn;
}

async function counted({ get }: FilledTown, wanted: number): Promise<void> {
  await eventually(
    `${wanted} messages in the ledger`,
    async () => {
      const { items } = (await (await get("/api/v1/ledger")).json()) as { items: { received: number }[] };
      return items.reduce((sum, { received }) => sum + received, 0) === wanted;
    },
    countedWithinMs,
  );
}
