import { parseAst } from "vitest/node";

export interface SourceImport {
  readonly specifier: string;
  readonly typeOnly: boolean;
  /** What is imported by name; undefined where all of the module comes, or it is imported while running. */
  readonly names: readonly string[] | undefined;
}

/** What the architecture test wants to know of a TypeScript file. */
export interface SourceFacts {
  /** Module specifiers of imports, re-exports and dynamic imports; `type` where only types come through it. */
  readonly imports: readonly SourceImport[];
  /** Touches of the world outside: `Date.now`, `new Date()`, `process`, `setTimeout`, ... */
  readonly worldly: readonly string[];
  readonly defaultExport: boolean;
  readonly processExit: boolean;
  readonly lines: number;
}

const worldlyGlobals = new Set(
  (
    "process performance console fetch crypto WebSocket EventSource setTimeout setInterval setImmediate " +
    "clearTimeout clearInterval clearImmediate queueMicrotask navigator localStorage require"
  ).split(" "),
);
const worldlyMembers = new Set([
  "Date.now",
  "Math.random",
  "Temporal.Now",
  "import.meta.dirname",
  "import.meta.filename",
  "import.meta.url",
]);

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Throws where the text is not TypeScript. */
export function readSource(text: string): SourceFacts {
  const facts = {
    imports: [] as SourceImport[],
    worldly: [] as string[],
    defaultExport: false,
    processExit: false,
    lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
  };
  // The one parser that vitest hands out; its successor is vite's own, which is not ours to import.
  // oxlint-disable-next-line typescript/no-deprecated
  walk(parseAst(text, { lang: "ts" }) as unknown as Node, (node) => {
    const source = node["source"];
    if (isNode(source) && typeof source["value"] === "string") {
      const typeOnly = node["importKind"] === "type" || node["exportKind"] === "type";
      facts.imports.push({ specifier: source["value"], typeOnly, names: importedNames(node) });
    }
    if (node.type === "ExportDefaultDeclaration") facts.defaultExport = true;
    const touch = worldlyTouch(node);
    if (touch !== undefined) facts.worldly.push(touch);
    if (memberPath(node) === "process.exit") facts.processExit = true;
  });
  return facts;
}

function importedNames(node: Node): readonly string[] | undefined {
  if (node.type !== "ImportDeclaration") return undefined;
  const names = (node["specifiers"] as readonly Node[]).map((specifier) => nameOf(specifier["imported"]));
  return names.every((name) => name !== undefined) ? names : undefined;
}

function worldlyTouch(node: Node): string | undefined {
  if ((node.type === "NewExpression" || node.type === "CallExpression") && nameOf(node["callee"]) === "Date") {
    const given = node["arguments"] as readonly unknown[];
    return given.length === 0 || node.type === "CallExpression" ? "a Date of now" : undefined;
  }
  const path = memberPath(node);
  if (path !== undefined && worldlyMembers.has(path)) return path;
  return node.type === "Identifier" && worldlyGlobals.has(node["name"] as string)
    ? (node["name"] as string)
    : undefined;
}

function memberPath(node: Node): string | undefined {
  if (node.type !== "MemberExpression" || node["computed"] === true) return undefined;
  const object = node["object"];
  const property = nameOf(node["property"]);
  if (!isNode(object) || property === undefined) return undefined;
  const left = object.type === "MetaProperty" ? "import.meta" : (nameOf(object) ?? memberPath(object));
  return left === undefined ? undefined : `${left}.${property}`;
}

function nameOf(node: unknown): string | undefined {
  return isNode(node) && node.type === "Identifier" ? (node["name"] as string) : undefined;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}

/** Names that are only labels: `console` in `{ console: 1 }` and in `a.console` is not the global. */
function isLabel(parent: Node, key: string): boolean {
  if (parent["computed"] === true) return false;
  if (key === "property") return parent.type === "MemberExpression";
  return key === "key" && parent["shorthand"] !== true;
}

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const [key, value] of Object.entries(node)) {
    if (key === "typeAnnotation" || isLabel(node, key)) continue;
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) if (isNode(child)) walk(child, visit);
  }
}
