/** What a person who starts a region can cure; the message says how. Shown without a stack. */
export class RegionTroubleError extends Error {
  override readonly name = "RegionTroubleError";
}
