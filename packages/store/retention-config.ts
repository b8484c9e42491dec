import { z } from "zod";
import { parseRetention, RetentionError, type RetentionRule } from "./retention.ts";

const rules = z.string().transform((text, context): readonly RetentionRule[] => {
  try {
    return parseRetention(text);
  } catch (error) {
    if (!(error instanceof RetentionError)) throw error;
    context.addIssue({ code: "custom", message: error.message });
    return z.NEVER;
  }
});

/** How long observations are kept: a flat part of a service's configuration. */
export const retentionConfigSchema = z.object({
  MESSNETZ_RETENTION: rules
    .prefault("")
    .describe(
      "How long observations are kept, by domain, or domain and observed property: water=10y,traffic/vehicle_count=2y,*=keep. " +
        "Whole months (of UTC) go when all of them is older. Without it everything is kept for ever.",
    ),
});
