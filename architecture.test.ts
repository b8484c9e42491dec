import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type Manifest,
  manifestViolations,
  nameViolation,
  registryAddress,
  type Room,
  type RoomRule,
  sourceViolations,
} from "./checks/room-rules.ts";
import { readSource } from "./checks/source-facts.ts";

/** Who may lean on whom. A line here is a decision; a new room needs one. */
const rooms: Readonly<Record<string, RoomRule>> = {
  model: { leansOn: [], pure: true },
  formats: { leansOn: ["model"], pure: true },
  pipeline: { leansOn: ["model", "formats"], pure: true },
  calendar: { leansOn: ["model"], pure: true },
  exports: { leansOn: ["model"], pure: true },
  profiles: { leansOn: ["model", "formats"] },
  codec: { leansOn: ["model", "formats"] },
  nats: { leansOn: [] },
  bus: { leansOn: ["model", "nats"] },
  store: { leansOn: ["model", "nats"] },
  registry: { leansOn: ["model", "nats"] },
  runtime: { leansOn: [] },
  testing: { leansOn: ["model"] },
  simulator: { leansOn: ["model", "registry", "runtime"] },
  ingest: {
    leansOn: ["model", "nats", "formats", "codec", "profiles", "pipeline", "registry", "bus", "store", "runtime"],
  },
  writer: { leansOn: ["model", "nats", "bus", "store", "runtime"] },
  api: {
    leansOn: [
      "model",
      "nats",
      "formats",
      "codec",
      "profiles",
      "pipeline",
      "calendar",
      "exports",
      "registry",
      "bus",
      "store",
      "runtime",
    ],
  },
  command: { leansOn: ["model", "formats", "codec", "profiles", "pipeline", "registry"] },
  region: { leansOn: ["model", "nats", "profiles", "registry", "runtime", "simulator"] },
  town: {
    leansOn: [
      "model",
      "formats",
      "codec",
      "profiles",
      "pipeline",
      "calendar",
      "exports",
      "registry",
      "bus",
      "store",
      "runtime",
      "ingest",
      "api",
      "simulator",
    ],
  },
  bench: {
    leansOn: [
      "codec",
      "formats",
      "model",
      "pipeline",
      "profiles",
      "registry",
      "region",
      "runtime",
      "simulator",
      "store",
      "testing",
    ],
  },
};

const root = import.meta.dirname;
const outside = /(^|\/)(node_modules|\.git|\.bootstrap|data|coverage)(\/|$)/;
const files = globSync("**/*", { cwd: root, withFileTypes: true, exclude: (entry) => outside.test(entry.name) })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"));
const manifestFiles = files.filter((file) => /^((packages|services)\/[^/]+|bench)\/package\.json$/.test(file));
const manifests = new Map(
  manifestFiles.map((file) => {
    const manifest = JSON.parse(readFileSync(join(root, file), "utf8")) as Manifest;
    return [manifest.name, manifest] as const;
  }),
);

describe("the rooms", () => {
  it.each(manifestFiles)("%s declares only what the table allows", (file) => {
    const folder = basename(dirname(file));
    const manifest = manifests.get(`@messnetz/${folder}`);
    expect(manifest, `${file} must name its package after its folder`).toBeDefined();
    expect(Object.keys(rooms)).toContain(folder);
    expect(manifestViolations(manifest!, rooms[folder]!)).toEqual([]);
  });

  it.each(manifestFiles.map(dirname))("%s keeps to its door, its declarations and its purity", (folder) => {
    const manifest = manifests.get(`@messnetz/${basename(folder)}`)!;
    const room: Room = { manifest, rule: rooms[basename(folder)]!, manifests };
    const sources = files.filter((file) => file.startsWith(`${folder}/`) && file.endsWith(".ts"));
    const violations = sources.flatMap((file) =>
      sourceViolations(
        { path: file.slice(folder.length + 1), facts: readSource(readFileSync(join(root, file), "utf8")) },
        room,
      ),
    );
    expect(violations).toEqual([]);
  });

  it("lean on each other without a circle", () => {
    const done = new Set<string>();
    const visit = (name: string, trail: readonly string[]): void => {
      expect(trail, `${[...trail, name].join(" → ")} is a circle`).not.toContain(name);
      if (done.has(name)) return;
      for (const next of rooms[name]!.leansOn) visit(next, [...trail, name]);
      done.add(name);
    };
    for (const name of Object.keys(rooms)) visit(name, []);
  });
});

describe("the repository", () => {
  it("has no file or folder whose name says nothing", () => {
    expect(files.flatMap((file) => nameViolation(file) ?? [])).toEqual([]);
  });

  it("names no package registry: which one is asked is the user's choice", () => {
    const text = files.filter((file) => /\.(ts|mjs|json|ya?ml|md|sh)$|^\.[^/]+$|^\.ci\/run$/.test(file));
    const found = text.flatMap((file) => registryAddress(readFileSync(join(root, file), "utf8")) ?? []);
    expect(found).toEqual([]);
  });
});

describe("the checks themselves", () => {
  const manifest: Manifest = {
    name: "@messnetz/formats",
    exports: { ".": "./index.ts" },
    dependencies: { "@messnetz/model": "workspace:*", zod: "catalog:" },
    devDependencies: { yaml: "catalog:" },
  };
  const room: Room = { manifest, rule: rooms["formats"]!, manifests };
  const violations = (text: string, path = "planted.ts") =>
    sourceViolations({ path, facts: readSource(text) }, room).join("\n");

  it.each([
    ["import { a } from '@messnetz/model/unit.ts';", "past the door"],
    ["import { a } from '@messnetz/store';", "does not declare"],
    ["import type { A } from '@messnetz/store';", "does not declare"],
    ["export * from 'pino';", "does not declare"],
    ["const pino = await import('pino');", "does not declare"],
    ["import { parse } from 'yaml';", "does not declare"],
    ["import { a } from './a';", "does not end in .ts"],
    ["import { a } from '../model/index.ts';", "outside of its room"],
    ["import { readFileSync } from 'node:fs';", "imports node:fs"],
    ["import { createHash, randomBytes } from 'node:crypto';", "imports node:crypto"],
    ["import * as all from 'node:crypto';", "imports node:crypto"],
    ["export const now = () => Date.now();", "Date.now"],
    ["export const now = () => new Date();", "a Date of now"],
    ["export const dice = Math.random();", "Math.random"],
    ["setTimeout(() => {}, 10);", "setTimeout"],
    ["export const zone = process.env['TZ'];", "process"],
    ["console.log('here');", "console"],
    ["export default 1;", "default export"],
    ["if (true) process.exit(1);", "process.exit"],
    ["\n".repeat(251), "251 lines"],
  ])("refuse %j", (text, expected) => {
    expect(violations(text)).toContain(expected);
  });

  it.each([
    "import { a } from '@messnetz/model'; import { z } from 'zod'; import { b } from './b.ts'; import { Buffer } from 'node:buffer';",
    "import { createHash } from 'node:crypto';",
    "export const at = (ms: number) => new Date(ms).toISOString(); // Date.now() in a comment, 'process.exit' in a text",
    "export const words = { process: 1, console: 'x' }; export const one = words.process;",
  ])("let %j pass", (text) => {
    expect(violations(text)).toBe("");
  });

  it("let a test use development dependencies and the clock", () => {
    expect(
      violations("import { it } from 'vitest'; import { parse } from 'yaml'; Date.now();", "planted.test.ts"),
    ).toBe("");
  });

  it("refuse a dependency that the table does not allow, and a version that is not the catalog's", () => {
    const planted = { ...manifest, dependencies: { "@messnetz/store": "workspace:*", zod: "^4.0.0" } };
    expect(manifestViolations(planted, rooms["formats"]!)).toHaveLength(2);
  });

  it("refuse names that say nothing and addresses of registries", () => {
    expect(nameViolation("packages/model/utils.ts")).toContain("utils");
    expect(nameViolation("packages/store/session-manager.ts")).toContain("session-manager");
    expect(nameViolation("packages/model/unit.ts")).toBeUndefined();
    expect(registryAddress(["resolution: {tarball: https:", "//example.org/a.tgz}"].join(""))).toBeDefined();
    expect(registryAddress(["registry=https:", "//registry.example.org/"].join(""))).toBeDefined();
  });
});
