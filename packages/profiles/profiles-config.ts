import { z } from "zod";

/** Settings of a service that reads device profiles. */
export const profilesConfig = {
  MESSNETZ_PROFILES_DIR: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Folder with device profiles of your own, and with observed properties of your own in its folder catalogue; they come before those that Messnetz brings and take force when they change, without a restart.",
    ),
  MESSNETZ_PROFILES_POLL_SECONDS: z.coerce
    .number()
    .min(0.05)
    .max(3600)
    .default(2)
    .describe(
      "How often that folder is looked at, in seconds. A change takes force when two looks have seen the same.",
    ),
};

/** Of a service that has no folder of data. */
export const profilesKeepConfig = {
  MESSNETZ_PROFILES_KEEP_FILE: z
    .string()
    .min(1)
    .optional()
    .describe(
      "File in which your own profiles that are in force are kept. With it the process starts with them in place of a file that has mistakes; without it it does not start then.",
    ),
};
