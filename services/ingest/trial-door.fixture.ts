import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import type { EpochMs, Source } from "@messnetz/model";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { generate, type IConnectPacket, type Packet, parser } from "mqtt-packet";
import { createMetrics, type Logger } from "@messnetz/runtime";
import { eventually } from "@messnetz/testing";
import { type IngestConfig, ingestConfigSchema } from "./config.ts";
import { createDoor, type Door, type DoorOptions } from "./door.ts";
import { createEvents } from "./events.ts";
import { createIntake } from "./intake.ts";
import { createHttpDoor } from "./http/http-door.ts";
import { createHttpEvents } from "./http/http-events.ts";
import { openHttpListener } from "./http/open-http-listener.ts";
import type { Intake, IntakeOptions } from "./intake-port.ts";
import { createTrialPublisher, type TrialPublisher } from "./trial-publisher.fixture.ts";
import { trialRoad } from "./trial-road.fixture.ts";

export interface TrialDoor extends AsyncDisposable {
  readonly door: Door;
  readonly intake: Intake;
  readonly publisher: TrialPublisher;
  readonly port: number;
  /** Of the HTTP door. */
  readonly url: string;
  /** Requests to it that are not answered yet. */
  openByHttp(): number;
  readonly log: { readonly level: string; readonly fields: object; readonly text: string }[];
  /** A client of mqtt.js, connected. User name and password fit. */
  client(options?: IClientOptions): Promise<MqttClient>;
  /** A client that says exactly what it is told to. */
  raw(): Promise<RawClient>;
}

export interface TrialOptions {
  readonly config?: Partial<Record<keyof IngestConfig, string>>;
  readonly publisher?: TrialPublisher;
  readonly intake?: Partial<IntakeOptions>;
  readonly door?: Partial<DoorOptions>;
  readonly clock?: () => EpochMs;
}

export const trialSource: Source = { id: "trial", operator: "town", topics: ["town/#"], adopt: [] };
const otherSource: Source = { id: "other", operator: "bus", topics: ["bus/#"], adopt: [] };
const sources = new Map([
  ["trial", trialSource],
  ["other", otherSource],
]);
export const trialPassword = "secret";

/** A door on a free port before a publisher for trials. */
export async function openTrialDoor(options: TrialOptions = {}): Promise<TrialDoor> {
  const config = ingestConfigSchema.parse({ MESSNETZ_MQTT_PORT: "0", ...options.config });
  const publisher = options.publisher ?? createTrialPublisher();
  const log: TrialDoor["log"] = [];
  const write = (level: string) => (fields: object, text: string) => void log.push({ level, fields, text });
  const events = createEvents({
    log: { info: write("info"), warn: write("warn"), error: write("error") } as unknown as Logger,
    metrics: createMetrics({ process: false }),
  });
  const kept = publisher.snapshot();
  const clock = options.clock ?? Date.now;
  const intake = createIntake({
    config,
    publisher,
    road: trialRoad,
    receipts: kept.receipts,
    adopt: () => [],
    flushAdoptions: async () => {},
    timeZone: "Europe/Berlin",
    events,
    clock,
    ...options.intake,
  });
  const authenticator = {
    authenticate: (username: string, password: Uint8Array) =>
      Buffer.from(password).toString() === trialPassword ? sources.get(username) : undefined,
  };
  const door = await createDoor({
    config,
    intake,
    authenticator,
    sessions: kept.sessions,
    events,
    clock,
    lookEveryMs: 20,
    ...options.door,
  });
  const httpEvents = createHttpEvents({
    log: { info: write("info"), warn: write("warn"), error: write("error") } as unknown as Logger,
    metrics: createMetrics({ process: false }),
  });
  const httpDoor = createHttpDoor({ config, intake, authenticator, events: httpEvents, clock, lookEveryMs: 20 });
  const listener = await openHttpListener({
    door: httpDoor,
    host: "127.0.0.1",
    port: 0,
    maxConnections: 1000,
    maxConnectionsPerAddress: 1000,
    events: httpEvents,
  });
  const { port } = door.address();
  const clients: MqttClient[] = [];
  const raws: RawClient[] = [];
  return {
    door,
    intake,
    publisher,
    port,
    url: `http://127.0.0.1:${listener.address().port}`,
    openByHttp: () => httpDoor.open(),
    log,
    async client(more = {}) {
      const client = await connectAsync({
        host: "127.0.0.1",
        port,
        username: "trial",
        password: trialPassword,
        reconnectPeriod: 0,
        ...more,
      });
      clients.push(client);
      client.on("error", () => {});
      return client;
    },
    async raw() {
      const raw = await openRawClient(port);
      raws.push(raw);
      return raw;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.end(true);
      for (const raw of raws) raw.end();
      publisher.become("commit");
      await httpDoor.close(2000);
      await listener.close();
      await door.close(2000);
      await intake.close(2000);
    },
  };
}

export interface RawClient {
  readonly received: Packet[];
  send(...packets: (Packet | Uint8Array)[]): void;
  /** CONNECT with the right user name and password; resolves with CONNACK. */
  connect(differences?: Partial<IConnectPacket>): Promise<Packet>;
  /** The next packet that has not been asked for. */
  next(): Promise<Packet>;
  closed(): Promise<void>;
  isClosed(): boolean;
  pause(): void;
  end(): void;
}

export async function openRawClient(port: number): Promise<RawClient> {
  const socket = connectTcp(port, "127.0.0.1");
  await once(socket, "connect");
  const received: Packet[] = [];
  let asked = 0;
  let protocolVersion = 4;
  const createReader = () => parser({ protocolVersion }).on("packet", (packet) => void received.push(packet));
  let reader = createReader();
  let isClosed = false;
  socket.on("error", () => {});
  socket.on("close", () => {
    isClosed = true;
  });
  socket.on("data", (chunk: Buffer) => reader.parse(chunk));

  function send(...packets: (Packet | Uint8Array)[]): void {
    const bytes = packets.map((packet) =>
      packet instanceof Uint8Array ? packet : generate(packet, { protocolVersion }),
    );
    if (!isClosed) socket.write(Buffer.concat(bytes));
  }
  async function next(): Promise<Packet> {
    const packet = await eventually("another packet", () => {
      if (received.length > asked) return received[asked++];
      return isClosed && "closed";
    });
    if (packet === "closed") throw new Error("the connection was closed");
    return packet;
  }

  return {
    received,
    send,
    next,
    async connect(differences = {}) {
      protocolVersion = differences.protocolVersion ?? 4;
      reader = createReader();
      send({
        cmd: "connect",
        clientId: "raw",
        protocolId: "MQTT",
        protocolVersion: protocolVersion as 4 | 5,
        clean: true,
        keepalive: 0,
        username: "trial",
        password: Buffer.from(trialPassword),
        ...differences,
      });
      return next();
    },
    closed: () => eventually("the connection to be closed", () => isClosed).then(() => undefined),
    isClosed: () => isClosed,
    pause: () => void socket.pause(),
    end: () => void socket.destroy(),
  };
}

/** A payload that the trial road reads. */
export function reading(value: number, more: { device?: string; time?: number } = {}): Buffer {
  return Buffer.from(JSON.stringify({ value, ...more }));
}
