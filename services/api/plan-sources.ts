import type { LedgerQuery } from "@messnetz/store";
import { mayDo, seesEverything } from "./access.ts";
import type { Planner } from "./plan.ts";
import { notFound } from "./problem.ts";

/**
 * Whose messages the principal may look into: of the ledger and the quarantine. Like a plan of observations, it is made here alone, and the
 * store answers nothing else.
 */
class SourcePlan {
  readonly #planner: Planner;
  readonly #sources: readonly string[] | undefined;

  constructor(planner: Planner, sources: readonly string[] | undefined) {
    this.#planner = planner;
    this.#sources = sources;
  }

  /** As queries of the store name them; without a member where nothing restricts them. Throws a TypeError for what is no plan. */
  static sourcesOf(plan: SourcePlan): Pick<LedgerQuery, "sources"> {
    return plan.#sources === undefined ? {} : { sources: plan.#sources };
  }

  /**
   * Whether what a device sent through a source may be seen. A token of some domains sees only devices that are known to be of these.
   */
  static admits(plan: SourcePlan, { source, device }: { readonly source: string; readonly device: string }): boolean {
    const { registry, principal } = plan.#planner;
    if (plan.#sources?.includes(source) === false) return false;
    if (principal.domains === undefined) return true;
    const thing = registry.device(device)?.thing;
    return thing !== undefined && mayDo(principal, { kind: "see-thing", thing });
  }
}
export type PlannedSources = SourcePlan;
export const { sourcesOf, admits } = SourcePlan;

/** The credentials that a request names, or all, as far as the principal may see them. A foreign one is `not-found` like a missing one. */
export function planSources(planner: Planner, wanted?: readonly string[]): PlannedSources {
  const { registry, principal } = planner;
  if (seesEverything(principal)) return new SourcePlan(planner, wanted);
  const visible = new Set(
    registry
      .credentials()
      .filter(({ source }) => mayDo(principal, { kind: "see-source", operator: source.operator }))
      .map(({ source }) => source.id),
  );
  for (const id of wanted ?? []) if (!visible.has(id)) throw notFound("a credential");
  return new SourcePlan(planner, wanted ?? [...visible]);
}
