import { posix } from "node:path";
import type { SourceFacts, SourceImport } from "./source-facts.ts";

/** What a room may do. */
export interface RoomRule {
  /** Our rooms that its production code may lean on. */
  readonly leansOn: readonly string[];
  /** No clock, random source, environment, network, disk, timer, log. */
  readonly pure?: true;
}

/** The parts of a package.json that the rules look at. */
export interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const scope = "@messnetz/";
/** Modules of Node that compute and touch nothing. */
const pureModules = new Set(["node:buffer", "node:zlib", "node:util", "node:assert", "node:stream"]);
/** What computes and touches nothing in modules that also do other things. */
const pureNames: ReadonlyMap<string, ReadonlySet<string>> = new Map([["node:crypto", new Set(["createHash"])]]);
const maxLines = 250;
const maxTestLines = 600;

/** Development code: may use devDependencies and the world. */
export function isDevelopmentFile(path: string): boolean {
  return /(\.test|\.fixture|\.examples|(^|[/-])contract)\.ts$/.test(path);
}

/** Files that are lists of data, which no split would make easier to read. */
function isDataFile(path: string): boolean {
  return /(\.examples|\/catalogue[\w-]*|-catalogue)\.ts$/.test(path);
}

export function manifestViolations(manifest: Manifest, rule: RoomRule): string[] {
  const violations: string[] = [];
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (name.startsWith(scope) && !rule.leansOn.includes(name.slice(scope.length))) {
      violations.push(`${manifest.name} leans on ${name}, which the table does not allow`);
    }
  }
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    const expected = name.startsWith(scope) ? "workspace:*" : "catalog:";
    if (version !== expected) violations.push(`${manifest.name}: ${name} is "${version}", expected "${expected}"`);
  }
  if (manifest.exports?.["."] !== "./index.ts")
    violations.push(`${manifest.name} does not export ./index.ts as its door`);
  return violations;
}

export interface SourceFile {
  /** Relative to the room's folder, with `/`. */
  readonly path: string;
  readonly facts: SourceFacts;
}

export interface Room {
  readonly manifest: Manifest;
  readonly rule: RoomRule;
  /** Manifest by package name, for what other rooms export. */
  readonly manifests: ReadonlyMap<string, Manifest>;
}

export function sourceViolations({ path, facts }: SourceFile, room: Room): string[] {
  const development = isDevelopmentFile(path);
  const where = `${room.manifest.name} ${path}`;
  const violations = facts.imports.flatMap((one) => importViolation(one, path, room) ?? []);
  if (facts.defaultExport) violations.push("has a default export");
  if (facts.processExit && room.manifest.name !== "@messnetz/runtime" && !development)
    violations.push("calls process.exit");
  if (room.rule.pure && !development) violations.push(...facts.worldly.map((touch) => `is pure and touches ${touch}`));
  const limit = development ? maxTestLines : maxLines;
  if (facts.lines > limit && !isDataFile(`/${path}`)) violations.push(`has ${facts.lines} lines, at most ${limit}`);
  return violations.map((violation) => `${where}: ${violation}`);
}

function importViolation({ specifier, names }: SourceImport, path: string, room: Room): string | undefined {
  const development = isDevelopmentFile(path);
  if (specifier.startsWith(".")) {
    if (!/\.(ts|json)$/.test(specifier)) return `imports ${specifier}, which does not end in .ts`;
    const target = posix.join(posix.dirname(path), specifier);
    return target.startsWith("..") ? `imports ${specifier}, which is outside of its room` : undefined;
  }
  if (specifier.startsWith("node:")) {
    const allowed = pureNames.get(specifier);
    const isPure = pureModules.has(specifier) || names?.every((name) => allowed?.has(name)) === true;
    return room.rule.pure === true && !development && !isPure ? `is pure and imports ${specifier}` : undefined;
  }
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const { dependencies = {}, devDependencies = {} } = room.manifest;
  const declared =
    Object.hasOwn(dependencies, name) || (development && (Object.hasOwn(devDependencies, name) || fromRoot.has(name)));
  if (!declared) return `imports ${specifier}, which its package.json does not declare`;
  if (!name.startsWith(scope) || specifier === name) return undefined;
  const door = `.${specifier.slice(name.length)}`;
  return room.manifests.get(name)?.exports?.[door] === undefined
    ? `imports ${specifier} past the door of ${name}`
    : undefined;
}

/** Development dependencies of the root package, there for every test. */
const fromRoot = new Set(["vitest", "fast-check"]);

const forbiddenNames = new Set(["utils", "util", "helpers", "helper", "common", "types", "manager"]);

/** A file or folder whose name says nothing about what is in it. */
export function nameViolation(path: string): string | undefined {
  const parts = path.split("/").flatMap((part) => part.replace(/\.[a-z.]+$/, ""));
  const bad = parts.find(
    (part) => forbiddenNames.has(part) || part.split("-").some((word) => forbiddenNames.has(word)),
  );
  return bad === undefined ? undefined : `${path}: "${bad}" does not say what is in it`;
}

/** Addresses of package registries: which one is asked is the user's choice, in npm's configuration. */
export function registryAddress(text: string): string | undefined {
  return /https?:\/\/[^\s"')]*(registry|npmmirror|artifactory|nexus)[^\s"')]*|https?:\/\/[^\s"')]+\.tgz/i.exec(
    text,
  )?.[0];
}
