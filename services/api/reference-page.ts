interface OpenApiParameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: unknown;
}

interface OpenApiOperation {
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> };
  readonly responses?: Readonly<
    Record<
      string,
      { readonly description?: string; readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> }
    >
  >;
}

/** What of an OpenAPI document the page shows. */
interface OpenApiText {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths?: unknown;
  readonly components?: { readonly schemas?: unknown };
}

const style = `
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
h2{margin-top:3rem;border-bottom:1px solid #ccd}h3 code{font-size:1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #eef}
pre{background:#f4f6f8;padding:.75rem;overflow:auto;font-size:.85rem}code{font-family:ui-monospace,monospace}
details{margin:.5rem 0}.method{font-weight:700;margin-right:.5rem}
@media (prefers-color-scheme:dark){body{background:#14171a;color:#e6e9ec}pre{background:#1f2429}th,td{border-color:#2a3037}h2{border-color:#39424c}a{color:#8ab4f8}}
`;

/** The OpenAPI document as one page of HTML without scripts. */
export function renderReference(document: OpenApiText): string {
  const operations = Object.entries((document.paths ?? {}) as Record<string, Record<string, OpenApiOperation>>).flatMap(
    ([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const groups = Map.groupBy(operations, ({ operation }) => operation.tags?.[0] ?? "other");
  const contents = [...groups.keys()].map((tag) => `<a href="#${escape(tag)}">${escape(tag)}</a>`).join(" · ");
  const sections = [...groups].map(
    ([tag, list]) => `<h2 id="${escape(tag)}">${escape(tag)}</h2>${list.map(renderOperation).join("")}`,
  );
  const schemas = Object.entries((document.components?.schemas ?? {}) as Record<string, unknown>).map(
    ([name, schema]) => `<h3 id="schema-${escape(name)}">${escape(name)}</h3>${renderJson(schema)}`,
  );
  const { title, version, description = "" } = document.info;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)} API</title><style>${style}</style></head><body>
<h1>${escape(title)} API ${escape(version)}</h1>${prose(description)}
<p><a href="/openapi.json">OpenAPI document</a> · ${contents} · <a href="#schemas">schemas</a></p>
${sections.join("\n")}<h2 id="schemas">schemas</h2>${schemas.join("")}</body></html>`;
}

interface Route {
  readonly path: string;
  readonly method: string;
  readonly operation: OpenApiOperation;
}

function renderOperation({ path, method, operation }: Route): string {
  const { summary = "", description = "", parameters = [], requestBody, responses = {} } = operation;
  const rows = parameters.map(
    ({ name, in: place, required, description: words = "", schema }) =>
      `<tr><td><code>${escape(name)}</code>${required === true ? " *" : ""}</td><td>${escape(place)}</td><td>${inline(words)}` +
      `<details><summary>schema</summary>${renderJson(schema)}</details></td></tr>`,
  );
  const bodies = Object.entries(requestBody?.content ?? {}).map(
    ([type, { schema }]) =>
      `<details><summary>Body: <code>${escape(type)}</code></summary>${renderJson(schema)}</details>`,
  );
  const answers = Object.entries(responses).map(([status, { description: words = "", content = {} }]) => {
    const types = Object.entries(content)
      .map(
        ([type, { schema }]) =>
          `<details><summary><code>${escape(type)}</code></summary>${renderJson(schema)}</details>`,
      )
      .join("");
    return `<tr><td>${escape(status)}</td><td>${inline(words)}${types}</td></tr>`;
  });
  return `<h3><span class="method">${escape(method.toUpperCase())}</span><code>${escape(path)}</code></h3>
<p><strong>${inline(summary)}</strong></p>${prose(description)}
${rows.length === 0 ? "" : `<table><tr><th>Parameter</th><th>In</th><th></th></tr>${rows.join("")}</table>`}${bodies.join("")}
<table><tr><th>Status</th><th></th></tr>${answers.join("")}</table>`;
}

function renderJson(value: unknown): string {
  const text = escape(JSON.stringify(value, undefined, 2) ?? "");
  return `<pre>${text.replaceAll(/#\/components\/schemas\/([A-Za-z]+)/g, '<a href="#schema-$1">$1</a>')}</pre>`;
}

function prose(text: string): string {
  return text
    .split("\n\n")
    .map((paragraph) => `<p>${inline(paragraph)}</p>`)
    .join("");
}

/** Escaped, with `code` between backticks. */
function inline(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
