import { z } from "zod";

const count = z.coerce.number().int().positive();
const milliseconds = z.coerce.number().int().positive();

/** The door's and the intake's settings. Every bound has a default that a town can live with. */
export const ingestConfigSchema = z.object({
  MESSNETZ_MQTT_HOST: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe("Address that the MQTT door listens on. Wider than the loopback only with TLS."),
  MESSNETZ_MQTT_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(1883)
    .describe("Port of the MQTT door; 0 takes a free one. With TLS 8883 is usual."),
  MESSNETZ_MQTT_TLS_CERT: z
    .string()
    .min(1)
    .optional()
    .describe("PEM file of the certificate chain. Goes with the key."),
  MESSNETZ_MQTT_TLS_KEY: z.string().min(1).optional().describe("PEM file of the certificate's private key."),
  MESSNETZ_MQTT_TLS_CA: z
    .string()
    .min(1)
    .optional()
    .describe("PEM file of the authorities whose client certificates are accepted."),
  MESSNETZ_MQTT_TLS_CLIENT_CERTIFICATE: z
    .enum(["optional", "required"])
    .default("optional")
    .describe("With an authority: must a client show a certificate? It needs user name and password all the same."),
  MESSNETZ_MQTT_TLS_MIN_VERSION: z.enum(["TLSv1.2", "TLSv1.3"]).default("TLSv1.2").describe("Oldest TLS accepted."),
  MESSNETZ_MQTT_CONNECT_TIMEOUT_MS: milliseconds
    .default(5000)
    .describe("How long a connection may take to say CONNECT."),
  MESSNETZ_MQTT_WRITE_TIMEOUT_MS: milliseconds
    .default(30_000)
    .describe("How long a client may leave its acknowledgements or answers unread."),
  MESSNETZ_MQTT_MAX_CONNECTIONS: count.default(16_384).describe("Connections in all; by HTTP requests at once."),
  MESSNETZ_MQTT_MAX_CONNECTIONS_PER_ADDRESS: count
    .default(8192)
    .describe("Connections per IPv4 address or IPv6 /64; a gateway or a mobile network brings many from one."),
  MESSNETZ_MQTT_MAX_PACKET_BYTES: count
    .min(256)
    .max(268_435_460)
    .default(262_144)
    .describe("Largest MQTT packet, header included; largest message by HTTP."),
  MESSNETZ_MQTT_MAX_TOPIC_BYTES: count.max(65_535).default(512).describe("Longest topic; others go to the quarantine."),
  MESSNETZ_MQTT_MAX_TOPIC_LEVELS: count.default(32).describe("Deepest topic; others go to the quarantine."),
  MESSNETZ_MQTT_RECEIVE_MAXIMUM: count
    .max(65_535)
    .default(1024)
    .describe("Unacknowledged messages per connection; announced to MQTT 5 clients."),
  MESSNETZ_MQTT_MAX_IN_FLIGHT_BYTES: count.default(4_194_304).describe("Unacknowledged bytes per connection or batch."),
  MESSNETZ_MQTT_TOPIC_ALIAS_MAXIMUM: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(32)
    .describe("Topic aliases per connection; announced to MQTT 5 clients."),
  MESSNETZ_MQTT_MAX_SESSION_EXPIRY_S: count
    .max(4_294_967_294)
    .default(7_776_000)
    .describe("The longest that the session of an absent client is kept, in seconds (default: 90 days)."),
  MESSNETZ_MQTT_MAX_SESSIONS_PER_CREDENTIAL: count
    .default(10_000)
    .describe("Kept sessions per credential; one more ends the one that was left first."),
  MESSNETZ_HTTP_DOOR_BODY_TIMEOUT_MS: milliseconds
    .default(10_000)
    .describe("How long the body of a message by HTTP may take, and the next part of a batch."),
  MESSNETZ_HTTP_DOOR_BATCHES: count.default(8).describe("Batches by HTTP that may be under way at once."),
  MESSNETZ_INTAKE_MAX_BATCH_MESSAGES: count.default(4096).describe("Most messages in one commit."),
  MESSNETZ_INTAKE_MAX_BATCH_BYTES: count.default(8_388_608).describe("Most bytes in one commit, roughly."),
  MESSNETZ_INTAKE_MAX_PENDING_BYTES: count
    .default(67_108_864)
    .describe("Memory for messages that wait for the store; above it no connection is read."),
  MESSNETZ_INTAKE_CLOSE_AFTER_MS: milliseconds
    .default(30_000)
    .describe("How long the store may fail or hang before connections are closed and new ones refused."),
});
export type IngestConfig = z.infer<typeof ingestConfigSchema>;
