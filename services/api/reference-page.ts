interface OpenApiParameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: unknown;
  readonly example?: unknown;
}

type Contents = Readonly<Record<string, { readonly schema?: unknown; readonly example?: unknown }>>;

interface OpenApiOperation {
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: { readonly content?: Contents };
  readonly responses?: Readonly<Record<string, { readonly description?: string; readonly content?: Contents }>>;
  readonly security?: readonly object[];
}

/** What of an OpenAPI document the page shows. */
interface OpenApiText {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths?: unknown;
  readonly components?: { readonly schemas?: unknown };
}

/** What a group of routes is about, for those who do not know its name; in the order of the page. */
const headings: Readonly<Record<string, string>> = {
  messages: "Messages in · Eingang von Nachrichten",
  things: "Things · Messstellen",
  datastreams: "Datastreams · Datenreihen",
  properties: "Observed properties · Messgrößen",
  observations: "Observations · Messwerte",
  latest: "Newest values · Neueste Werte",
  aggregates: "Days, months, consumption · Tage, Monate, Verbrauch",
  features: "Map · Karte",
  export: "Files · Dateien",
  ledger: "Loss ledger · Verlustbuch",
  quarantine: "Quarantine · Quarantäne",
  admin: "Administration · Verwaltung",
  audit: "Audit log · Protokoll",
  operations: "Operation · Betrieb",
  reference: "This description · Diese Beschreibung",
};

const style = `
*{box-sizing:border-box}html{scroll-behavior:smooth;scroll-padding-top:1rem}
body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1b1f24;background:#fff;display:grid;grid-template-columns:19rem minmax(0,1fr)}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1.5rem 1rem;background:#f4f7f9;border-right:1px solid #dde3e8;font-size:.85rem}
nav a{display:block;text-decoration:none;padding:.1rem 0;color:inherit;overflow-wrap:anywhere}nav a:hover{text-decoration:underline}nav strong a{margin-top:.9rem}
main{max-width:60rem;padding:1.5rem 2rem 6rem}a{color:#0a5a9c}
h2{margin-top:3.5rem;border-bottom:2px solid #0a5a9c;padding-bottom:.25rem}article{border:1px solid #dde3e8;border-radius:.5rem;padding:0 1rem .75rem;margin:1.25rem 0}
h3{margin:.8rem 0 .2rem}h3 code{font-size:1rem;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;margin:.5rem 0;font-size:.92rem}th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #eef}
pre{background:#f4f6f8;padding:.75rem;overflow:auto;font-size:.85rem;max-height:24rem;border-radius:.35rem}code{font-family:ui-monospace,monospace}
details{margin:.35rem 0}summary{cursor:pointer}
.method{font-size:.75rem;font-weight:700;margin-right:.5rem;padding:.15rem .45rem;border-radius:.3rem;color:#fff;background:#0a5a9c;vertical-align:.1rem}
.put,.post{background:#8a5300}.delete{background:#a4262c}
@media (max-width:55rem){body{display:block}nav{position:static;height:auto;max-height:40vh}}
@media (prefers-color-scheme:dark){body{background:#14171a;color:#e6e9ec}nav,pre{background:#1f2429}nav,article,th,td{border-color:#2a3037}a{color:#8ab4f8}}
@media print{body{display:block}nav{display:none}}
`;

/** Stands for the address at which the page was asked for. */
export const exampleAddress = "http://127.0.0.1:8080";

/** The OpenAPI document as one page of HTML without scripts. */
export function renderReference(document: OpenApiText): string {
  const operations = Object.entries((document.paths ?? {}) as Record<string, Record<string, OpenApiOperation>>).flatMap(
    ([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const unordered = Map.groupBy(operations, ({ operation }) => operation.tags?.[0] ?? "other");
  const order = Object.keys(headings);
  const groups = new Map([...unordered].toSorted(([one], [other]) => order.indexOf(one) - order.indexOf(other)));
  const heading = (tag: string) => escape(headings[tag] ?? tag);
  const contents = [...groups].map(
    ([tag, list]) => `<strong><a href="#${escape(tag)}">${heading(tag)}</a></strong>${list.map(renderLink).join("")}`,
  );
  const sections = [...groups].map(
    ([tag, list]) => `<h2 id="${escape(tag)}">${heading(tag)}</h2>${list.map(renderOperation).join("")}`,
  );
  const schemas = Object.entries((document.components?.schemas ?? {}) as Record<string, unknown>).map(
    ([name, schema]) => `<h3 id="schema-${escape(name)}">${escape(name)}</h3>${renderJson(schema)}`,
  );
  const { title, version, description = "" } = document.info;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)} API</title><style>${style}</style></head><body>
<nav><strong>${escape(title)} API ${escape(version)}</strong><a href="/openapi.json">OpenAPI document</a>${contents.join("")}
<strong><a href="#schemas">Schemas · Datenmodelle</a></strong></nav>
<main><h1>${escape(title)} API</h1>${prose(description)}
<p lang="de">Messwerte der Infrastruktur einer Stadt. Zeiten sind ISO 8601 mit Zone, Zeiträume halboffen <code>[from, to)</code>, Einheiten UCUM. Ein Token sieht die
Messstellen seines Betreibers; was einem anderen gehört, antwortet, als gäbe es das nicht. Jede Anfrage hat unten ein Beispiel zum Kopieren.</p>
<pre>export URL=${exampleAddress}   # this town · diese Stadt
export TOKEN=mn_…                  # messnetz token issue --help
export CREDENTIAL=… PASSWORD=…     # of who sends: POST /api/v1/credentials</pre>
${sections.join("\n")}<h2 id="schemas">Schemas · Datenmodelle</h2>${schemas.join("")}</main></body></html>`;
}

interface Route {
  readonly path: string;
  readonly method: string;
  readonly operation: OpenApiOperation;
}

function anchorOf({ method, path }: Route): string {
  return escape(`${method}-${path.replaceAll(/[^a-z0-9]+/gi, "-")}`);
}

function renderLink(route: Route): string {
  return `<a href="#${anchorOf(route)}">${inline(route.operation.summary ?? route.path)}</a>`;
}

function renderOperation(route: Route): string {
  const { path, method, operation } = route;
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
  const what = `<table><tr><th>Parameter</th><th>In</th><th></th></tr>${rows.join("")}</table>`;
  return `<article id="${anchorOf(route)}"><h3><span class="method ${escape(method)}">${escape(method.toUpperCase())}</span><code>${escape(path)}</code></h3>
<p><strong>${inline(summary)}</strong></p>${prose(description)}
<h4>Example · Beispiel</h4><pre>${escape(exampleCommand(route))}</pre>${renderAnswer(responses)}
${rows.length === 0 ? "" : `<details open><summary>Parameters · Parameter</summary>${what}</details>`}${bodies.join("")}
<details><summary>Answers · Antworten</summary><table><tr><th>Status</th><th></th></tr>${answers.join("")}</table></details></article>`;
}

/** How a command says who asks, by security scheme. */
const authorizations: Readonly<Record<string, string>> = {
  token: '-H "Authorization: Bearer $TOKEN"',
  credential: '-u "$CREDENTIAL:$PASSWORD"',
};

/** The example of a route as a command for curl, from the examples of its parameters and its body. */
function exampleCommand({ path, method, operation }: Route): string {
  const { parameters = [], requestBody, security = [] } = operation;
  const given = parameters.filter(({ example }) => example !== undefined);
  const encode = (value: unknown) => encodeURIComponent(String(value)).replaceAll(/%(?:2C|3A|2F)/g, decodeURIComponent);
  const query = given
    .filter(({ in: place }) => place === "query")
    .map(({ name, example }) => `${name}=${encode(example)}`);
  const place = given
    .filter((one) => one.in === "path")
    .reduce((filled, { name, example }) => {
      const written = encodeURIComponent(String(example));
      // A topic has levels; in all other names a slash is a character of one level.
      return filled.replace(`{${name}}`, name === "topic" ? written.replaceAll("%2F", "/") : written);
    }, path);
  const [type, { example: body }] = Object.entries(requestBody?.content ?? {}).find(
    ([, content]) => content.example !== undefined,
  ) ?? ["", { example: undefined }];
  const sent = typeof body === "string" ? body : JSON.stringify(body);
  const lines = [
    `curl${method === "get" ? "" : ` -X ${method.toUpperCase()}`}`,
    ...security.flatMap((scheme) => authorizations[Object.keys(scheme)[0] ?? ""] ?? []).slice(0, 1),
    ...(sent === undefined
      ? []
      : [`-H "Content-Type: ${type}" --data-binary $'${sent.replaceAll(/[\\']/g, "\\$&").replaceAll("\n", "\\n")}'`]),
    `"$URL${place}${query.length === 0 ? "" : `?${query.join("&")}`}"`,
  ];
  return lines.join(lines.length < 3 ? " " : " \\\n  ");
}

function renderAnswer(responses: NonNullable<OpenApiOperation["responses"]>): string {
  const examples = Object.values(responses).flatMap(({ content = {} }) =>
    Object.values(content).flatMap(({ example }) => (example === undefined ? [] : [example])),
  );
  return examples
    .map((example) => (typeof example === "string" ? `<pre>${escape(example)}</pre>` : renderJson(example)))
    .join("");
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
