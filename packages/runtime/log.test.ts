import { describe, expect, it } from "vitest";
import { createLogger, type LogForm } from "./log.ts";

function logTo(form: LogForm, isTTY = false) {
  const lines: string[] = [];
  const output = { isTTY, write: (line: string) => void lines.push(line) };
  return { lines, log: createLogger({ service: "town", form, level: "info", output }) };
}

describe("createLogger", () => {
  it("writes one JSON object a line", () => {
    const { lines, log } = logTo("auto");
    log.warn({ device: "plain:a" }, "clock is odd");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ service: "town", level: 40, msg: "clock is odd", device: "plain:a" });
  });

  it.each([logTo("pretty"), logTo("auto", true)])(
    "writes a short line for people where it is asked to or on a terminal",
    ({ lines, log }) => {
      log.warn({ device: "plain:a", count: 3 }, "clock is odd");
      expect(lines.join("")).toMatch(/^\d\d:\d\d:\d\d WARN {2}clock is odd device=plain:a count=3\n$/);
    },
  );

  it("writes errors with their causes for people too", () => {
    const { lines, log } = logTo("pretty");
    log.error({ err: new Error("no commit", { cause: new Error("disk full") }) }, "not stored");
    expect(lines.join("")).toMatch(/ERROR not stored\nError: no commit[\s\S]*disk full/);
  });

  it.each(["json", "pretty"] as const)("hides secrets: %s", (form) => {
    const { lines, log } = logTo(form);
    log.info({ token: "hunter1", headers: { authorization: "hunter2" }, issued: { secret: "hunter3" } }, "asked");
    expect(lines.join("")).not.toContain("hunter");
  });

  it("writes nothing less important than the level", () => {
    const { lines, log } = logTo("json");
    log.debug("detail");
    expect(lines).toEqual([]);
  });
});
