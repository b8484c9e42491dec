import { basename, dirname } from "node:path";
import process from "node:process";
import type { Command } from "./command.ts";
import { CommandTrouble } from "./command-trouble.ts";
import { accessHelp, accessOptions, readArguments } from "./read-arguments.ts";
import { resumableFormats } from "./resume-row.ts";
import { saveExport } from "./save-export.ts";
import { createProgressDisplay } from "./show-progress.ts";

const help = `Usage: messnetz export [WHAT] [--from INSTANT] [--to INSTANT] [--format FORMAT] [--out FILE]
       messnetz export [WHAT] --window WINDOW (--span SPAN | --from DAY [--to DAY]) [--format FORMAT] [--out FILE]

Saves observations, or with --window aggregates, as a file, and shows how far it is. Needs a token of scope export. A connection that breaks is opened again,
and a file of CSV or NDJSON in long shape goes on where it was; others begin again, CSV for a
spreadsheet among them. The file has its name only once it is whole and its digest is that of the town.

What, all that are given must hold:
  --datastream ID    such as weir-1/water_level          --operator ID   whose things
  --thing ID         such as weir-1                      --tag TAG       things with each of these tags
  --property KEY     such as water_level                 --bbox BOX      west,south,east,north
  --domain DOMAIN    such as water                       --polygon WKT   POLYGON((longitude latitude, ...))
When:
  --from, --to       2026-03-29T00:00:00+02:00, not included at the end; of aggregates also 2026, 2026-03, 2026-03-29
  --span SPAN        of aggregates: 2026-03, yesterday, last-month, ...
  --time-zone ZONE   of the calendar and of local times; default: that of the town
How:
  --format FORMAT    csv (default), xlsx, ndjson, parquet, arrow, geojson
  --dialect office   CSV for a spreadsheet: semicolons, decimal comma, local times
  --language LANG    de or en, of headers
  --shape wide       a row for each instant, a column for each datastream
  --compression C    gzip or zstd
  --window WINDOW    quarter-hour, hour, day, week, month, quarter, year, gas-day, gas-month, heating-season, operating-day
  --aggregate NAME   mean, min, max, sum, consumption, ...; several with commas
  --min-share SHARE  from which share on a window is complete
  --compare PERIOD   with an earlier period beside it: P1Y, P1M, P1W, P1D
  --out FILE         default: a name that tells content and span
  --replace          where there is such a file already
${accessHelp}`;

/** Options that go to the town as they are, under the name that it has for them. */
const passed = {
  datastream: "datastream",
  thing: "thing",
  property: "property",
  domain: "domain",
  operator: "operator",
  tag: "tag",
  bbox: "bbox",
  polygon: "polygon",
  from: "from",
  to: "to",
  span: "span",
  "time-zone": "timeZone",
  format: "format",
  dialect: "dialect",
  language: "language",
  shape: "shape",
  compression: "compression",
  window: "window",
  aggregate: "aggregate",
  "min-share": "minShare",
  compare: "compare",
} as const;
type Passed = keyof typeof passed;
const passedNames = Object.keys(passed) as Passed[];

const options = {
  ...accessOptions,
  ...(Object.fromEntries(passedNames.map((name) => [name, { type: "string", multiple: true }])) as unknown as Record<
    Passed,
    { readonly type: "string"; readonly multiple: true }
  >),
  out: { type: "string" },
  replace: { type: "boolean", default: false },
} as const;

export const exportFile: Command = {
  name: "export",
  summary: "save observations or aggregates as a file",
  help,
  async run(args, { note, print, open, pathOf, signal }) {
    const { values, positionals } = readArguments(args, options, "export");
    if (positionals.length > 0)
      throw new CommandTrouble(`expected options only, came ${positionals[0]}`, {
        remedy: "`messnetz export --help` says what there is.",
      });
    const query = new URLSearchParams();
    for (const name of passedNames) for (const value of values[name] ?? []) query.append(passed[name], value);
    const api = await open({ url: values.url, tokenFile: values["token-file"], ca: values.ca });
    const out = pathOf(values.out ?? "export");
    const isLong = !query.has("window") && !query.has("compression") && query.get("shape") !== "wide";
    const resumable = resumableFormats.find((format) => format === (query.get("format") ?? "csv"));
    const file = await saveExport({
      api,
      path: `/api/v1/${query.has("window") ? "aggregates" : "observations"}/export?${query.toString()}`,
      resumable: isLong && query.get("dialect") !== "office" ? resumable : undefined,
      folder: dirname(out),
      name: values.out === undefined ? undefined : basename(out),
      whereThereIsOne: values.replace ? "replace" : "refuse",
      progress: createProgressDisplay(process.stderr, () => performance.now()),
      note,
      signal,
    });
    print(file);
  },
};
