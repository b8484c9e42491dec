import { isTopicFilter } from "@messnetz/registry";
import { z } from "zod";

/** Client id at the broker, label of the metrics, and the name under which deliveries are remembered. */
const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, "expected a name of up to 64 letters, digits, `_`, `.` and `-`");
const path = z.string().min(1);
const filter = z.string().refine(isTopicFilter, "expected an MQTT topic filter, for example town/water/#");

/** MQTT 5.0, 3.1.2.11.3: the receive maximum. More than 1,024 deliveries of one client are not remembered for longer than an hour. */
const receiveMaximum = z.int().min(1).max(65_535).default(1024);
/** MQTT 5.0, 3.1.2.11.2: 0xFFFFFFFF never expires. Default: a week. */
const sessionExpirySeconds = z.int().min(60).max(4_294_967_295).default(604_800);
const keepAliveSeconds = z.int().min(5).max(65_535).default(30);

export const brokerSessionSchema = z.strictObject({
  name,
  topics: z.array(filter).min(1),
  /** Filters of earlier times that the broker is told to forget. */
  unsubscribe: z.array(filter).default([]),
  /** Says yes to `$share/<group>/<filter>` among the topics. */
  shared: z.boolean().default(false),
  /** What is retained says how it was, not what happens: it is left out unless asked for. */
  retained: z.enum(["ignore", "take"]).default("ignore"),
});

export const brokerSchema = z
  .strictObject({
    name,
    url: z.string().superRefine((text, context) => {
      const problem = urlProblem(text);
      if (problem !== undefined) context.addIssue(problem);
    }),
    /** Absent: 5, and 3.1.1 where the broker refuses it. */
    version: z
      .union([z.literal(5), z.literal("5"), z.literal("3.1.1")], "expected 5 or 3.1.1")
      .transform((version) => (version === "3.1.1" ? (4 as const) : (5 as const)))
      .optional(),
    username: z.string().min(1).optional(),
    passwordFile: path.optional(),
    tls: z
      .strictObject({
        ca: path.optional(),
        cert: path.optional(),
        key: path.optional(),
        serverName: z.string().min(1).optional(),
      })
      .refine(({ cert, key }) => (cert === undefined) === (key === undefined), "expected cert and key together")
      .optional(),
    /** Id of the credential in the registry: tenant, rights and adoption rules of all that comes from here. */
    source: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, "expected the id of a credential in the registry"),
    receiveMaximum,
    sessionExpirySeconds,
    keepAliveSeconds,
    sessions: z.array(brokerSessionSchema).min(1),
  })
  .superRefine((broker, context) => {
    if (broker.passwordFile !== undefined && broker.username === undefined)
      context.addIssue({ code: "custom", message: "expected a username beside it", path: ["passwordFile"] });
    if (broker.tls !== undefined && broker.url.startsWith("mqtt:"))
      context.addIssue({ code: "custom", message: "expected mqtts:// in the url where there is tls", path: ["tls"] });
  });

export const bridgeFileSchema = z.strictObject({ brokers: z.array(brokerSchema).min(1) });

export type Broker = Readonly<z.output<typeof brokerSchema>>;
export type BrokerSession = Broker["sessions"][number];

/** IANA: 1883 for MQTT, 8883 for MQTT over TLS. */
const ports: Readonly<Record<string, number>> = { "mqtt:": 1883, "mqtts:": 8883 };

function urlProblem(text: string): string | undefined {
  const expected = "expected mqtt://host[:port] or mqtts://host[:port]";
  if (!URL.canParse(text)) return expected;
  const url = new URL(text);
  if (ports[url.protocol] === undefined || url.hostname === "") return expected;
  if (url.username !== "" || url.password !== "")
    return `${expected}, with user name and password in username and passwordFile`;
  return url.pathname.length > 1 || url.search !== "" || url.hash !== "" ? expected : undefined;
}

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
}

/** Of a url that the schema accepts. */
export function addressOf(url: string): BrokerAddress {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  return { host, port: port === "" ? ports[protocol]! : Number(port), isTls: protocol === "mqtts:" };
}
