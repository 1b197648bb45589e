import { uniformInt } from "./random.ts";
import { type Ld, NO_EFFECT, type SusieFit } from "./susie.ts";

/** The variants that hold an effect with a stated probability. */
export interface CredibleSet {
  /** Number of the effect, from 0. */
  readonly effect: number;
  /** Ascending. */
  readonly variants: Uint32Array;
  /** Sum of their probabilities: at least what was asked for. */
  readonly coverage: number;
  /** Of the absolute correlations between them (1 for a single variant). */
  readonly minCorrelation: number;
  readonly meanCorrelation: number;
}

/** Larger sets are judged by this many of their variants, drawn by a fixed seed. */
const JUDGED = 100;
const SEED = 1;

/**
 * The credible sets of a SuSiE fit, as susieR's susie_get_cs: for each effect the fewest variants whose
 * probabilities sum to `coverage`; sets that repeat an earlier one or hold two variants whose |correlation| is below
 * `minCorrelation` are left out (an effect that could be anywhere has no set). Purest first. `impure`: how many
 * were left out for their correlation.
 */
export function credibleSets(
  fit: SusieFit,
  ld: Ld,
  coverage: number,
  minCorrelation: number,
): { readonly sets: CredibleSet[]; readonly impure: number } {
  const sets: CredibleSet[] = [];
  let impure = 0;
  const seen = new Set<string>();
  for (let effect = 0; effect < fit.effects; effect++) {
    if (fit.priorVariance[effect]! <= NO_EFFECT) continue;
    const alpha = fit.alpha.subarray(effect * fit.variants, (effect + 1) * fit.variants);
    const { variants, sum } = fewest(alpha, coverage);
    const key = variants.join(",");
    if (seen.has(key)) continue;
    seen.add(key);
    const purity = purityOf(variants, ld);
    if (purity.minCorrelation >= minCorrelation) sets.push({ effect, variants, coverage: sum, ...purity });
    else impure++;
  }
  sets.sort((a, b) => b.minCorrelation - a.minCorrelation || a.effect - b.effect);
  return { sets, impure };
}

function fewest(alpha: Float64Array, coverage: number): { variants: Uint32Array; sum: number } {
  const order = Array.from(alpha.keys()).sort((i, j) => alpha[j]! - alpha[i]! || i - j);
  let sum = 0;
  let count = 0;
  while (count < order.length && sum < coverage) sum += alpha[order[count++]!]!;
  return { variants: Uint32Array.from(order.slice(0, count)).sort(), sum };
}

function purityOf(variants: Uint32Array, ld: Ld): Pick<CredibleSet, "minCorrelation" | "meanCorrelation"> {
  if (variants.length === 1) return { minCorrelation: 1, meanCorrelation: 1 };
  const judged = variants.length <= JUDGED ? variants : drawn(variants);
  let least = 1;
  let sum = 0;
  for (let i = 0; i < judged.length; i++) {
    for (let j = 0; j < i; j++) {
      // Rounding may pass 1.
      const r = Math.min(1, Math.abs(ld.correlation(judged[i]!, judged[j]!)));
      least = Math.min(least, r);
      sum += r;
    }
  }
  return { minCorrelation: least, meanCorrelation: sum / ((judged.length * (judged.length - 1)) / 2) };
}

/** {@link JUDGED} of the variants, without repetition, the same each time. */
function drawn(variants: Uint32Array): Uint32Array {
  const pool = variants.slice();
  for (let i = 0; i < JUDGED; i++) {
    const j = i + uniformInt(SEED, 0, i, pool.length - i);
    [pool[i], pool[j]] = [pool[j]!, pool[i]!];
  }
  return pool.subarray(0, JUDGED);
}
