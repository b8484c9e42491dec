import { otherDomain, quarantinePartition } from "@messnetz/bus";
import { domains, isTimeZone } from "@messnetz/model";
import { natsConfigSchema } from "@messnetz/nats";
import { logConfig, operationsConfig } from "@messnetz/runtime";
import { auditConfigSchema, influxConfigSchema, quarantineConfigSchema, retentionConfigSchema } from "@messnetz/store";
import { z } from "zod";

export const partitions = [...domains, otherDomain, quarantinePartition] as const;
export type Partition = (typeof partitions)[number];

const count = z.coerce.number().int().min(1);

/** What the writer itself is told; NATS, InfluxDB and the rest have their own. */
const ownSchema = z.object({
  MESSNETZ_WRITER_PARTITIONS: z
    .string()
    .default(partitions.join(","))
    .transform((text) => text.split(",").flatMap((name) => name.trim() || []))
    .pipe(z.array(z.enum(partitions)).min(1))
    .describe(
      "Partitions that this process writes, separated by commas; default all. Each belongs to one writer at a time: together the processes must name every one once.",
    ),
  MESSNETZ_WRITER_BATCH_OBSERVATIONS: count
    .default(10_000)
    .describe("Observations that are written to the store in one batch at most."),
  MESSNETZ_WRITER_BATCH_MB: count
    .default(8)
    .describe("Bytes of bus messages that go into one batch at most, in MB. Each partition may hold three of them."),
  MESSNETZ_WRITER_KEEP_HOURS: z.coerce
    .number()
    .min(0)
    .default(24)
    .describe(
      "How long the stream keeps what is written, in hours: as long a store that was restored from a copy can be fed again.",
    ),
  MESSNETZ_WRITER_FILL_PERCENT: z.coerce
    .number()
    .min(1)
    .max(95)
    .default(50)
    .describe("Above this share of the stream's size, in percent, what is written leaves the stream earlier."),
  ...quarantineConfigSchema.shape,
  ...retentionConfigSchema.shape,
  ...auditConfigSchema.shape,
  MESSNETZ_TIME_ZONE: z
    .string()
    .refine(isTimeZone, "expected an IANA time zone, for example Europe/Berlin")
    .default("Europe/Berlin")
    .describe("Time zone of the days in the ledger."),
});

/** The environment of a writer. */
export const writerConfigSchema = z.object({
  ...ownSchema.shape,
  ...natsConfigSchema.shape,
  ...influxConfigSchema.shape,
  ...operationsConfig,
  ...logConfig,
});
export type WriterConfig = z.output<typeof writerConfigSchema>;
