import { z } from "zod";
import type { QuarantineLimits } from "./port.ts";

const count = z.coerce.number().int().min(1);
const bytesPerMb = 1_000_000;
const dayMs = 86_400_000;

/** How much the quarantine keeps: a flat part of a service's configuration. */
export const quarantineConfigSchema = z.object({
  MESSNETZ_QUARANTINE_MB: count
    .default(256)
    .describe(
      "Raw bytes that the quarantine keeps for one credential, in MB; what comes beyond is counted, not kept. The same for every process.",
    ),
  MESSNETZ_QUARANTINE_DAYS: count
    .default(90)
    .describe("How long the quarantine keeps a message, in days. The same for every process."),
});

export function readQuarantineLimits(config: z.output<typeof quarantineConfigSchema>): QuarantineLimits {
  return {
    maxBytes: config.MESSNETZ_QUARANTINE_MB * bytesPerMb,
    maxAgeMs: config.MESSNETZ_QUARANTINE_DAYS * dayMs,
  };
}
