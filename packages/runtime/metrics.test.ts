import { describe, expect, it } from "vitest";
import { createMetrics } from "./metrics.ts";

describe("createMetrics", () => {
  it("shows every series of a closed label set before anything is counted", async () => {
    const metrics = createMetrics({ process: false });
    metrics.counter({ name: "messages_total", help: "h", labels: { outcome: ["stored", "refused"], qos: ["0", "1"] } });
    const { text, contentType } = await metrics.scrape();
    expect(text.match(/^messages_total\{.*\} 0$/gm)).toHaveLength(4);
    expect(contentType).toMatch(/^text\/plain/);
  });

  it("counts, observes and asks", async () => {
    const metrics = createMetrics({ process: false });
    const stored = metrics.counter({ name: "messages_total", help: "h", labels: { outcome: ["stored", "refused"] } });
    const commit = metrics.histogram({ name: "commit_seconds", help: "h", labels: {}, buckets: [0.01, 0.1] });
    let open = 1;
    metrics.gauge({ name: "connections", help: "h", read: () => open });
    stored.add({ outcome: "stored" });
    stored.add({ outcome: "stored" }, 4);
    commit.observe({}, 0.05);
    open = 7;
    const { text } = await metrics.scrape();
    expect(text).toContain('messages_total{outcome="stored"} 5');
    expect(text).toContain('messages_total{outcome="refused"} 0');
    expect(text).toContain('commit_seconds_bucket{le="0.1"} 1');
    expect(text).toContain("connections 7");
  });

  it("asks a gauge once per label value", async () => {
    const metrics = createMetrics({ process: false });
    const lag = new Map([
      ["water", 3],
      ["waste", 0],
    ]);
    metrics.gauges({
      name: "lag_messages",
      help: "h",
      labels: { domain: ["water", "waste"] },
      read: ({ domain }) => lag.get(domain)!,
    });
    lag.set("waste", 8);
    const { text } = await metrics.scrape();
    expect(text).toContain('lag_messages{domain="water"} 3');
    expect(text).toContain('lag_messages{domain="waste"} 8');
  });

  it("refuses a label value outside of its set", () => {
    const counter = createMetrics({ process: false }).counter({
      name: "a_total",
      help: "h",
      labels: { outcome: ["stored"] },
    });
    const outcome = "lost" as "stored";
    expect(() => counter.add({ outcome })).toThrow(/expected one of stored, came lost/);
  });

  it("shares nothing with another one, and tells of the process where it is asked to", async () => {
    const one = createMetrics({ process: true });
    one.counter({ name: "a_total", help: "h", labels: {} });
    const other = createMetrics({ process: false });
    other.counter({ name: "a_total", help: "h", labels: {} });
    expect((await one.scrape()).text).toContain("process_resident_memory_bytes");
    expect((await other.scrape()).text).not.toContain("process_");
  });
});
