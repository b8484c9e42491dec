import { destination, type DestinationStream, type Logger, levels, pino } from "pino";
import { z } from "zod";

export type { Logger } from "pino";

export const logForms = ["auto", "json", "pretty"] as const;
export type LogForm = (typeof logForms)[number];
export const logLevels = ["fatal", "error", "warn", "info", "debug", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** The variables of the log, to be spread into the schema of a service. */
export const logConfig = {
  MESSNETZ_LOG: z
    .enum(logForms)
    .default("auto")
    .describe(
      "Form of the log: json (one object a line), pretty (a short line for people), auto (pretty on a terminal).",
    ),
  MESSNETZ_LOG_LEVEL: z.enum(logLevels).default("info").describe("Least important level that is written."),
};

export interface LogOptions {
  readonly service: string;
  readonly form: LogForm;
  readonly level: LogLevel;
  /** Absent: standard output, written synchronously, so that the last line before an exit is not lost. */
  readonly output?: DestinationStream & { readonly isTTY?: boolean };
}

/** Fields that are written as `[hidden]`, wherever a line has them at the top or one level below. */
const hiddenFields = ["secret", "password", "token", "authorization", "cookie"];

/** A logger whose lines are JSON, or short text for people. */
export function createLogger(options: LogOptions): Logger {
  const terminal = (options.output ?? process.stdout).isTTY === true;
  const output = options.output ?? destination({ fd: 1, sync: true });
  const pretty = options.form === "pretty" || (options.form === "auto" && terminal);
  return pino(
    {
      base: { service: options.service },
      level: options.level,
      redact: { paths: hiddenFields.flatMap((field) => [field, `*.${field}`]), censor: "[hidden]" },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
    },
    pretty ? { write: (line: string) => output.write(toPlainLine(line)) } : output,
  );
}

const ownFields = new Set(["level", "time", "service", "msg", "err"]);

/** `14:09:59 WARN message key=value` */
function toPlainLine(line: string): string {
  const entry = JSON.parse(line) as Record<string, unknown> & { level: number; time: string };
  const level = (levels.labels[entry.level] ?? String(entry.level)).toUpperCase();
  const error = entry["err"] as { readonly message?: string; readonly stack?: string } | undefined;
  const parts = [
    entry.time.slice(11, 19),
    level.padEnd(5),
    ...(typeof entry["msg"] === "string" ? [entry["msg"]] : []),
  ];
  for (const [key, value] of Object.entries(entry)) {
    if (!ownFields.has(key)) parts.push(`${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  }
  const trace = error?.stack ?? error?.message;
  return `${parts.join(" ")}${trace === undefined ? "" : `\n${trace}`}\n`;
}
