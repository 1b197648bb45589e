import type { InteractionModel } from "./model.ts";
import type { RobustErrors } from "./robust.ts";
import type { InteractionTest } from "./test.ts";

/**
 * Names of the numbers that a pair has beside slope, its error and log10 p, in the order in which {@link pairNumbers} writes them. Of several contexts
 * in one model the names are numbered, as tensorQTL does: `b_gi1`, `b_gi1_se`.
 */
export function pairNames({ contexts }: Pick<InteractionModel, "contexts">): string[] {
  const own = contexts.flatMap((_, c) => {
    const i = contexts.length === 1 ? "" : String(c + 1);
    return [
      ...[`log10_p_i${i}`, `b_i${i}`, `b_i${i}_se`, `log10_p_gi${i}`, `b_gi${i}`, `b_gi${i}_se`],
      ...[`b_gi${i}_se_hc3`, `log10_p_gi${i}_hc3`],
    ];
  });
  return ["log10_p_g", "b_g", "b_g_se", ...own];
}

/** The pair's numbers into `out`; `errors` are those of `robust` (of the variant in `place` and `gene`), NaN where they were not computed. */
export function pairNumbers(
  test: InteractionTest,
  errors: Float64Array,
  { contexts }: InteractionModel,
  robust: Pick<RobustErrors, "log10P"> | undefined,
  out: Float64Array,
  place = 0,
  gene = 0,
): void {
  out[0] = test.log10PG;
  out[1] = test.bG;
  out[2] = test.bGSe;
  for (let c = 0; c < contexts.length; c++) {
    const at = 3 + 8 * c;
    out[at] = test.log10PI[c]!;
    out[at + 1] = test.bI[c]!;
    out[at + 2] = test.bISe[c]!;
    out[at + 3] = test.log10PGI[c]!;
    out[at + 4] = test.bGI[c]!;
    out[at + 5] = test.bGISe[c]!;
    out[at + 6] = errors[c]!;
    out[at + 7] =
      robust === undefined || Number.isNaN(errors[c]!)
        ? Number.NaN
        : robust.log10P(place, c, gene, test.bGI[c]!, errors[c]!);
  }
}

/** Where {@link pairNumbers} puts the robust log10 p of the first context. */
export const ROBUST_LOG10_P = 10;
/** And its standard error. */
export const ROBUST_SE = 9;

/** Names of a variant's numbers, in the order of the record's fields from `mafLower` on. */
export function variantNames({ contexts }: Pick<InteractionModel, "contexts">): string[] {
  const numbered = (name: string): string[] =>
    contexts.map((_, c) => (contexts.length === 1 ? name : `${name}_${c + 1}`));
  return ["maf_lower", "maf_upper", "carriers_lower", "carriers_upper", "log10_p_context"].flatMap(numbered);
}
