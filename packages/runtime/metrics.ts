import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** Label name → every value it may have: the set is closed, so the number of series is known before the first one is written. */
export type LabelSets = Readonly<Record<string, readonly string[]>>;
export type LabelValues<L extends LabelSets> = { readonly [K in keyof L]: L[K][number] };

export interface MetricOptions<L extends LabelSets> {
  /** `messnetz_<what>_<unit>[_total]`, see https://prometheus.io/docs/practices/naming/ */
  readonly name: string;
  readonly help: string;
  readonly labels: L;
}

export interface CounterMetric<L extends LabelSets> {
  /** Throws a RangeError for a label value outside the closed set. */
  add(labels: LabelValues<L>, amount?: number): void;
}

export interface HistogramMetric<L extends LabelSets> {
  observe(labels: LabelValues<L>, value: number): void;
}

export interface Metrics {
  counter<const L extends LabelSets>(options: MetricOptions<L>): CounterMetric<L>;
  /** `buckets`: upper bounds, ascending, in the unit of the name. */
  histogram<const L extends LabelSets>(
    options: MetricOptions<L> & { readonly buckets: readonly number[] },
  ): HistogramMetric<L>;
  /** `read` is asked at every scrape. */
  gauge(options: Omit<MetricOptions<LabelSets>, "labels"> & { readonly read: () => number }): void;
  /** One value per combination of labels, each asked at every scrape. */
  gauges<const L extends LabelSets>(
    options: MetricOptions<L> & { readonly read: (labels: LabelValues<L>) => number },
  ): void;
  /** The exposition text, and the content type to send it with. */
  scrape(): Promise<{ readonly text: string; readonly contentType: string }>;
}

/** One per process, or one per test: nothing is shared. `process: true` adds memory, CPU, event loop and garbage collection. */
export function createMetrics(options: { readonly process: boolean }): Metrics {
  const registry = new Registry();
  if (options.process) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    counter<const L extends LabelSets>({ name, help, labels }: MetricOptions<L>): CounterMetric<L> {
      const metric = new Counter({ name, help, labelNames: Object.keys(labels), registers });
      const series = bindSeries(labels, (values) => metric.labels(values));
      for (const counter of series.all) counter.inc(0);
      return { add: (values, amount = 1) => series.of(values).inc(amount) };
    },
    histogram<const L extends LabelSets>(
      given: MetricOptions<L> & { readonly buckets: readonly number[] },
    ): HistogramMetric<L> {
      const { name, help, labels, buckets } = given;
      const metric = new Histogram({ name, help, labelNames: Object.keys(labels), buckets: [...buckets], registers });
      const series = bindSeries(labels, (values) => {
        metric.zero(values);
        return metric.labels(values);
      });
      return { observe: (values, value) => series.of(values).observe(value) };
    },
    gauge({ name, help, read }) {
      const metric = new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(read());
        },
      });
      registry.registerMetric(metric);
    },
    gauges<const L extends LabelSets>(
      given: MetricOptions<L> & { readonly read: (labels: LabelValues<L>) => number },
    ): void {
      const { name, help, labels, read } = given;
      const series: Record<string, string>[] = [];
      bindSeries(labels, (values) => series.push(values));
      const metric = new Gauge({
        name,
        help,
        labelNames: Object.keys(labels),
        registers: [],
        collect() {
          for (const values of series) this.set(values, read(values as LabelValues<L>));
        },
      });
      registry.registerMetric(metric);
    },
    scrape: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  };
}

/** Every combination of label values, looked up by nested maps: no string is built while counting. */
function bindSeries<T>(labels: LabelSets, bind: (values: Record<string, string>) => T) {
  const names = Object.keys(labels);
  const all: T[] = [];
  type Node = Map<string, Node | T>;
  const grow = (depth: number, values: Record<string, string>): Node | T => {
    const name = names[depth];
    if (name === undefined) {
      const leaf = bind(values);
      all.push(leaf);
      return leaf;
    }
    return new Map(labels[name]!.map((value) => [value, grow(depth + 1, { ...values, [name]: value })]));
  };
  const root = grow(0, {});
  return {
    all,
    of(values: Readonly<Record<string, string>>): T {
      let node = root;
      for (const name of names) {
        const next = (node as Node).get(values[name]!);
        if (next === undefined)
          throw new RangeError(`label ${name}: expected one of ${labels[name]!.join(", ")}, came ${values[name]}`);
        node = next;
      }
      return node as T;
    },
  };
}
