import { everyOperator, importTown, type Principal } from "@messnetz/registry";
import { z } from "zod";
import { assertMay } from "../access.ts";
import type { Resource } from "../api-server.ts";
import { principalOf } from "../api-server.ts";
import { Problem } from "../problem.ts";
import { describeRoute } from "../route-description.ts";

const kinds = {
  "application/yaml": "yaml",
  "text/yaml": "yaml",
  "text/csv": "csv",
} as const;
const contentTypes = Object.keys(kinds) as (keyof typeof kinds)[];
/** The registry says itself how large a file of each kind may be; this is the larger. */
const bodyLimit = 32 * 2 ** 20;

const count = z.object({ added: z.int(), changed: z.int(), unchanged: z.int() });

export const importFile: Resource = (server, { registry, catalogue, profiles, recorder }) => {
  server.addContentTypeParser(contentTypes, { parseAs: "buffer", bodyLimit }, (_request, body, done) =>
    done(null, body),
  );
  const route = describeRoute({
    resource: "admin",
    access: "admin",
    summary: "Import things, devices and credentials from a file",
    description:
      "YAML with a whole town, or a CSV table of things and devices: all of it, or nothing and every mistake with its line. The same file " +
      "twice changes nothing. Secrets of new credentials are shown once.",
    ok: z.object({
      operators: count,
      things: count,
      devices: count,
      credentials: count,
      issued: z.array(z.object({ id: z.string(), secret: z.string() })),
    }),
    problems: ["conflict", "too-large", "unsupported-media-type"],
  });
  const schema = {
    ...route.schema,
    querystring: z.strictObject({}),
    consumes: contentTypes,
    body: z.unknown().describe("The file, UTF-8."),
  };
  server.post("/api/v1/import", { ...route, bodyLimit, schema }, async (request) => {
    const principal = principalOf(request);
    assertMay(principal, { kind: "administer-operator", operator: principal.operator });
    const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
    const known = contentTypes.find((one) => one === type);
    if (known === undefined || !Buffer.isBuffer(request.body))
      throw new Problem(
        "unsupported-media-type",
        `expected a file of ${contentTypes.join(", ")}; came ${type ?? "nothing"}`,
      );
    const file = request.body;
    const act = { principal, action: "import", subject: `${kinds[known]} of ${file.length} bytes` } as const;
    const { operators, things, devices, credentials, issued } = await recorder.change(
      act,
      () => take(file, { principal, kind: kinds[known] }),
      (taken) => ({ rows: taken.things.added + taken.things.changed }),
    );
    return {
      operators,
      things,
      devices,
      credentials,
      issued: issued.map(({ source, secret }) => ({ id: source.id, secret })),
    };
  });

  async function take(file: Buffer, by: { readonly principal: Principal; readonly kind: "yaml" | "csv" }) {
    const { principal, kind } = by;
    const outcome = await importTown(file, {
      kind,
      registry,
      catalogue,
      ...(profiles === undefined ? {} : { profiles }),
      ...(principal.operator === everyOperator ? {} : { operator: principal.operator }),
    });
    if (outcome.kind === "refused") {
      const mistakes = outcome.mistakes.map(({ line, message }) => ({
        in: "body" as const,
        name: `line ${line}`,
        expected: message,
      }));
      const total = mistakes.length + outcome.more;
      throw new Problem(
        "invalid-request",
        `expected a file without mistakes; came one with ${total}. Nothing was imported`,
        { mistakes },
      );
    }
    return outcome;
  }
};
