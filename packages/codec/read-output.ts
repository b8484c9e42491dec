import type { DecodedFrame } from "@messnetz/formats";
import { limits } from "./limits.ts";

const maxToldCharacters = 160;

/** The decoded object in what a codec gave, `{ data, errors }` in JSON. */
export function readOutput(
  json: string,
): Extract<DecodedFrame, { readonly decoded: unknown }> | { readonly problem: string } {
  const output: unknown = JSON.parse(json);
  if (!isObject(output)) return { problem: "no object" };
  const { data, errors } = output;
  if (Array.isArray(errors) && errors.length > 0) {
    return { problem: `its errors: ${errors.map(String).join("; ").slice(0, maxToldCharacters)}` };
  }
  if (!isObject(data))
    return { problem: `data that is no object: ${JSON.stringify(data ?? null).slice(0, maxToldCharacters)}` };
  if (isDeeper(data, limits.outputDepth)) return { problem: `an object of more than ${limits.outputDepth} levels` };
  return { decoded: data };
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
