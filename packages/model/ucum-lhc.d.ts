/** The part of the oracle that the property test asks; the package brings no types. */
declare module "@lhncbc/ucum-lhc" {
  export class UcumLhcUtils {
    static getInstance(): UcumLhcUtils;
    validateUnitString(code: string): { readonly status: "valid" | "invalid" | "error" };
    convertUnitTo(
      from: string,
      value: number,
      to: string,
    ): { readonly status: "succeeded" | "failed" | "error"; readonly toVal: number | null };
  }
}
