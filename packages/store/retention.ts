import { catalogue, type Domain, domains, type EpochMs, parseDatastreamId, propertyKeySchema } from "@messnetz/model";

/** How long observations of a domain and property are kept; `*` stands for each. */
export interface RetentionRule {
  readonly domain: Domain | "*";
  readonly property: string;
  /** Undefined: for ever. */
  readonly period: RetentionPeriod | undefined;
}

interface RetentionPeriod {
  readonly count: number;
  readonly unit: "d" | "mo" | "y";
}

/** The text is none; the message says what was expected and what came. */
export class RetentionError extends Error {
  override readonly name = "RetentionError";
}

const example = "water=10y,traffic/vehicle_count=2y,*=keep";

/** Rules like `water=10y,traffic/vehicle_count=2y,*=keep`: days `d`, months `mo`, years `y`. Throws `RetentionError`. */
export function parseRetention(text: string): readonly RetentionRule[] {
  const rules = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(parseRule);
  const seen = new Set<string>();
  for (const { domain, property } of rules) {
    const name = `${domain}/${property}`;
    if (seen.has(name)) throw new RetentionError(`expected one rule for ${name}, came several`);
    seen.add(name);
  }
  return rules;
}

function parseRule(text: string): RetentionRule {
  const [, domainText = "", property = "*", periodText = ""] = /^([^/=]+)(?:\/([^/=]+))?=(.+)$/.exec(text) ?? [];
  if (periodText === "") throw new RetentionError(`expected rules like ${example}, came ${JSON.stringify(text)}`);
  const domain = ["*" as const, ...domains].find((name) => name === domainText);
  if (domain === undefined)
    throw new RetentionError(`expected a domain (${domains.join(", ")}) or *, came ${JSON.stringify(domainText)}`);
  // Whether a town has a property of its own is not known before its registry and profiles are read.
  if (property !== "*" && !propertyKeySchema.safeParse(property).success)
    throw new RetentionError(`expected the key of an observed property or *, came ${JSON.stringify(property)}`);
  if (periodText === "keep") return { domain, property, period: undefined };
  const [, count = "", unit = ""] = /^([1-9]\d{0,4})(d|mo|y)$/.exec(periodText) ?? [];
  if (unit === "")
    throw new RetentionError(`expected a time like 90d, 18mo, 10y or keep, came ${JSON.stringify(periodText)}`);
  return { domain, property, period: { count: Number(count), unit: unit as RetentionPeriod["unit"] } };
}

/** Properties of rules that nobody knows: misspelt, or of a town's own that it has not defined yet. Nothing goes by such a rule. */
export function unknownProperties(rules: readonly RetentionRule[]): readonly string[] {
  return rules.map(({ property }) => property).filter((property) => property !== "*" && !catalogue.has(property));
}

/** What is to go: everything of the datastreams that is older. */
export interface RetentionStep {
  readonly rule: string;
  readonly datastreams: readonly string[];
  /** Begin of a month of UTC. */
  readonly before: EpochMs;
}

export interface RetentionQuestion {
  readonly rules: readonly RetentionRule[];
  /** Ids of those that there are. */
  readonly datastreams: Iterable<string>;
  /** As the registry knows it; undefined: only rules for each domain hold. */
  readonly domainOf: (thing: string) => Domain | undefined;
  readonly now: EpochMs;
}

/**
 * What has been kept for long enough. Months (of UTC) go as a whole, once all of one is older than the rule says: its file is dropped and not
 * written anew each day. Of several rules the one stands that says more: domain and property, then property, then domain.
 */
export function planRetention({ rules, datastreams, domainOf, now }: RetentionQuestion): readonly RetentionStep[] {
  const byRule = new Map<RetentionRule, string[]>();
  for (const id of datastreams) {
    const { thing, property } = parseDatastreamId(id) ?? {};
    if (thing === undefined || property === undefined) continue;
    const rule = ruleFor(rules, domainOf(thing), property);
    if (rule?.period === undefined) continue;
    const listed = byRule.get(rule);
    if (listed === undefined) byRule.set(rule, [id]);
    else listed.push(id);
  }
  return [...byRule].flatMap(([{ domain, property, period }, listed]) =>
    period === undefined
      ? []
      : [
          {
            rule: `${domain}/${property}=${period.count}${period.unit}`,
            datastreams: listed,
            before: cutoff(period, now),
          },
        ],
  );
}

function ruleFor(
  rules: readonly RetentionRule[],
  domain: Domain | undefined,
  property: string,
): RetentionRule | undefined {
  const find = (ofDomain: string | undefined, ofProperty: string): RetentionRule | undefined =>
    rules.find((rule) => rule.domain === ofDomain && rule.property === ofProperty);
  return find(domain, property) ?? find("*", property) ?? find(domain, "*") ?? find("*", "*");
}

function cutoff({ count, unit }: RetentionPeriod, now: EpochMs): EpochMs {
  const date = new Date(now);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (unit === "y") return Date.UTC(year - count, month);
  if (unit === "mo") return Date.UTC(year, month - count);
  const oldest = new Date(now - count * 86_400_000);
  return Date.UTC(oldest.getUTCFullYear(), oldest.getUTCMonth());
}
