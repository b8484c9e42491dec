import { jsonSchemaTransformObject } from "fastify-type-provider-zod";
import { bearerScheme, credentialScheme } from "./route-description.ts";

export const openApiDocument = {
  openapi: "3.1.0",
  info: {
    title: "Messnetz",
    version: "1",
    description:
      "Readings of a town's infrastructure: road traffic, public transport, water, wastewater, energy, waste, and the environment. " +
      "Times are ISO 8601 with a zone, intervals are half-open `[from, to)`, units are UCUM. A token sees the things of its operator, " +
      "wherever it asks; what is another's answers as if it were not there. Errors are problem documents (RFC 9457).",
    license: { name: "Apache-2.0", identifier: "Apache-2.0" },
  },
  servers: [{ url: "/" }],
  components: {
    securitySchemes: {
      [bearerScheme]: {
        type: "http" as const,
        scheme: "bearer",
        description: "A token, as `messnetz token` or `POST /api/v1/tokens` gave it.",
      },
      [credentialScheme]: {
        type: "http" as const,
        scheme: "basic",
        description:
          "User name (the id) and password of a credential, as `POST /api/v1/credentials` gave them. Senders that can set a token only send " +
          "`Authorization: Bearer <user name>:<password>`.",
      },
    },
  },
};

type Transformed = ReturnType<typeof jsonSchemaTransformObject>;

/** The document with the named schemas that something refers to, and no others. */
export function withComponents(document: Parameters<typeof jsonSchemaTransformObject>[0]): Transformed {
  const whole = jsonSchemaTransformObject(document) as Transformed & {
    components?: { schemas?: Record<string, unknown> };
  };
  const schemas = whole.components?.schemas ?? {};
  const referred = new Set<string>();
  const visit = (value: unknown): void => {
    for (const [, name] of JSON.stringify(value ?? null).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (referred.has(name!)) continue;
      referred.add(name!);
      visit(schemas[name!]);
    }
  };
  visit({ ...whole, components: undefined });
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => referred.has(name)));
  return withTuples({ ...whole, components: { ...whole.components, schemas: kept } }) as Transformed;
}

/** A tuple as JSON Schema 2020-12 has it, which OpenAPI 3.1 is of: its items stand in `prefixItems`. */
function withTuples(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTuples);
  if (typeof value !== "object" || value === null) return value;
  const { items, ...rest } = value as Readonly<Record<string, unknown>>;
  const members = Object.fromEntries(Object.entries(rest).map(([name, member]) => [name, withTuples(member)]));
  if (items === undefined) return members;
  if (!Array.isArray(items)) return { ...members, items: withTuples(items) };
  return { ...members, prefixItems: withTuples(items), minItems: items.length, maxItems: items.length };
}
