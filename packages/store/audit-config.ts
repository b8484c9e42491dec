import { z } from "zod";

/** How much the audit log of a region may hold: a flat part of a service's configuration. */
export const auditConfigSchema = z.object({
  MESSNETZ_NATS_AUDIT_MB: z.coerce
    .number()
    .int()
    .min(1)
    .default(1100)
    .describe(
      "Disk for the audit log, about two million entries: raise it before it is full, for then changes and exports are refused. It cannot shrink. " +
        "The same for every process.",
    ),
});
