import { z } from "zod";

/** The sectors of a town's infrastructure, and the environment, which explains the others. */
export const domains = ["traffic", "transit", "water", "wastewater", "energy", "waste", "environment"] as const;
export const domainSchema = z.enum(domains);
export type Domain = z.infer<typeof domainSchema>;
