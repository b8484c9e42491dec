import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { findProgram } from "@messnetz/testing";

const project = fileURLToPath(new URL("../..", import.meta.url));
/** A Python that has what the guides install, where it is not the usual one. */
const python = process.env["MESSNETZ_GUIDES_PYTHON"] ?? findProgram("python3");
const rscript = findProgram("Rscript");
const limitMs = 60_000;

export interface GuideBlock {
  readonly name: string;
  readonly language: string;
  readonly code: string;
  /** Patterns of what is to be seen, one for each line of the block of text that follows. */
  readonly expected: readonly RegExp[];
}

/** The code of `docs/guides/<name>.md`, in its order. In what is expected `…` stands for anything. */
export function readGuide(name: string): readonly GuideBlock[] {
  const text = readFileSync(`${project}docs/guides/${name}.md`, "utf8");
  const fenced = [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)];
  return fenced.flatMap(([, language, code], at) => {
    if (language === "text") return [];
    const [, next, seen] = fenced[at + 1] ?? [];
    const lines = next === "text" ? seen!.trimEnd().split("\n") : [];
    return [
      {
        name: `${name}.md, block ${at + 1} (${language})`,
        language: language!,
        code: code!,
        expected: lines.map(patternOf),
      },
    ];
  });
}

function patternOf(line: string): RegExp {
  return new RegExp(
    line
      .split("…")
      .map((part) => RegExp.escape(part))
      .join(".*?"),
  );
}

export interface Surroundings {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

interface Runner {
  /** What the block needs and this machine has not. */
  missing(code: string): string | undefined;
  /** What it prints; rejects where it fails. */
  run(code: string, surroundings: Surroundings): Promise<string>;
}

const program = (
  name: string | undefined,
  missing: Runner["missing"],
  args: (code: string) => readonly string[],
): Runner => ({
  missing: (code) => (name === undefined ? "its program" : missing(code)),
  run: (code, { folder, env }) =>
    new Promise((resolve, reject) => {
      const options = {
        cwd: folder,
        timeout: limitMs,
        maxBuffer: 1 << 26,
        env: { ...process.env, ...env, PATH: `${project}${delimiter}${process.env["PATH"]}` },
      };
      execFile(name!, args(code), options, (error, stdout, stderr) =>
        error === null
          ? resolve(stdout + stderr)
          : reject(new Error(`${code}\n${stdout.slice(0, 2000)}\n${stderr}`, { cause: error })),
      );
    }),
});

/** DuckDB gets its extension from the internet, which not every machine has: Python's package of it does without. */
const extended = program(
  python,
  () => missingModule("import duckdb\nimport duckdb_extension_httpfs"),
  (code) => [
    "-c",
    `import duckdb, duckdb_extension_httpfs, glob, sys
town = duckdb.connect(config={"allow_unsigned_extensions": "true"})
town.load_extension(glob.glob(duckdb_extension_httpfs.__path__[0] + "/**/*.duckdb_extension", recursive=True)[0])
print(town.sql(sys.argv[1]).fetchall())`,
    code.replace("INSTALL httpfs; LOAD httpfs;", ""),
  ],
);

export const runners: Readonly<Record<string, Runner>> = {
  sh: program(
    findProgram("bash"),
    (code) => ["curl", "mosquitto_pub"].find((name) => code.includes(name) && findProgram(name) === undefined),
    // The environment has what the guide exports.
    (code) => ["-euo", "pipefail", "-c", code.replaceAll(/^export .*$/gm, "")],
  ),
  python: program(python, missingModule, (code) => ["-c", code]),
  r: program(rscript, missingLibrary, (code) => ["-e", code]),
  sql: {
    missing: (code) => (code.includes("httpfs") ? extended.missing(code) : undefined),
    run: async (code, surroundings) => (code.includes("httpfs") ? extended : { run: runSql }).run(code, surroundings),
  },
};

function missingModule(code: string): string | undefined {
  const names = [...code.matchAll(/^import (\w+)/gm)].map(([, name]) => name!);
  const found = names.includes("pandas") ? [...names, "pyarrow"] : names;
  const question = `import importlib.util, sys; print(*[n for n in sys.argv[1:] if importlib.util.find_spec(n) is None])`;
  return spawnSync(python!, ["-c", question, ...found], { encoding: "utf8" }).stdout.trim() || undefined;
}

function missingLibrary(code: string): string | undefined {
  const [, name] = /^library\((\w+)\)/m.exec(code) ?? [];
  return spawnSync(rscript!, ["-e", `library(${name})`]).status === 0 ? undefined : name;
}

async function runSql(code: string, { folder }: Surroundings): Promise<string> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    await connection.run(`SET file_search_path = '${folder}'`);
    const reader = await connection.runAndReadAll(code);
    return reader
      .getRowsJson()
      .map((row) => JSON.stringify(row))
      .join("\n");
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
