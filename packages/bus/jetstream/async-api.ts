import { domains } from "@messnetz/model";
import { busHeaders, observationSchemaName, otherDomain } from "./observation-stream.ts";

/** AsyncAPI 3.0 of what other programs may read from NATS; the schemas are files beside it. */
export function toAsyncApi(): Record<string, unknown> {
  const domain = {
    enum: [...domains, otherDomain],
    description: `The sector; \`${otherDomain}\` where none is known.`,
  };
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Messnetz on NATS",
      version: "1",
      description:
        "Streams of JetStream that any program may follow: with a consumer of its own, and without acknowledging for others. What is written to the " +
        "store leaves the stream of observations. Only optional fields are added to v1: readers ignore what they do not know.",
      license: { name: "Apache-2.0" },
    },
    defaultContentType: "application/json",
    channels: {
      observations: {
        address: `${observationSchemaName}.{domain}`,
        description:
          "Stream OBSERVATIONS. In the order of the stream; of two results for one identity the later does not replace the earlier.",
        parameters: { domain },
        messages: { observations: { $ref: "#/components/messages/observations" } },
      },
      quarantine: {
        address: "quarantine.v1.{domain}",
        description: "Stream QUARANTINE. Messages that could not, or not wholly, become observations.",
        parameters: { domain },
        messages: { entry: { $ref: "#/components/messages/quarantineEntry" } },
      },
    },
    operations: {
      sendObservations: { action: "send", channel: { $ref: "#/channels/observations" } },
      sendQuarantine: { action: "send", channel: { $ref: "#/channels/quarantine" } },
    },
    components: {
      messages: {
        observations: {
          title: "Observations of one domain",
          contentType: "application/json",
          headers: headersOf({
            [busHeaders.contentType]: { const: "application/json" },
            [busHeaders.schema]: { const: observationSchemaName },
            [busHeaders.traceparent]: { type: "string", description: "W3C Trace Context." },
            [busHeaders.messages]: {
              type: "string",
              contentMediaType: "application/json",
              contentSchema: { $ref: "./schemas/received-messages.v1.json" },
              description: "The received messages that the array came from, as JSON in ASCII.",
            },
          }),
          payload: { $ref: "./schemas/observations.v1.json" },
        },
        quarantineEntry: {
          title: "A message in the quarantine",
          description:
            "The body is one line of JSON after ./schemas/quarantine-entry.v1.json, a line feed, and the payload as it was received.",
          contentType: "application/octet-stream",
          headers: headersOf({
            "Messnetz-Entry": {
              type: "string",
              description:
                "JSON in ASCII: [source, device, day of receipt, receivedAt, kept bytes, 1 where it also had observations].",
            },
          }),
          payload: { type: "string", format: "binary" },
        },
      },
    },
  };
}

function headersOf(own: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const properties = {
    "Nats-Msg-Id": { type: "string", description: "Repeated when a publish is repeated: JetStream stores it once." },
    ...own,
  };
  return { type: "object", properties, required: Object.keys(properties) };
}
