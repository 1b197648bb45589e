import { InputError } from "../errors.ts";
import { readCovariates } from "../formats/covariates.ts";
import { parseDecimal } from "../formats/numbers.ts";
import type { ByteSource, Inflate } from "../formats/source.ts";
import { log10TwoSidedT } from "../statistics/studentT.ts";
import type { Eigengenes } from "./eigengenes.ts";
import { PairwiseGenes } from "./pairwise.ts";

/** Traits of samples as numbers, `values[trait * samples + sample]`, NaN where missing. */
export interface Traits {
  readonly names: readonly string[];
  readonly values: Float64Array;
  /** Columns of words, which are no numbers. */
  readonly dropped: readonly string[];
}

/** Reads a table of samples and traits, either way round. Throws InputError where none of the samples or traits is of use. */
export async function readTraits(
  source: ByteSource,
  inflate: Inflate,
  samples: readonly string[],
): Promise<Traits> {
  const table = await readCovariates(source, inflate, new Set(samples));
  const place = new Map(table.samples.map((id, s) => [id, s]));
  if (!samples.some((id) => place.has(id))) {
    const what = `none of its samples (${table.samples.slice(0, 3).join(", ")}) is in the expression (${samples.slice(0, 3).join(", ")})`;
    throw new InputError(table.name, what, "make the ids agree");
  }
  const names: string[] = [];
  const dropped: string[] = [];
  const values: number[] = [];
  table.covariates.forEach((name, t) => {
    const cells = samples.map((id) => (place.has(id) ? table.cells[t]![place.get(id)!]! : ""));
    const numbers = cells.map(parseDecimal);
    const words = cells.some(
      (cell, s) => Number.isNaN(numbers[s]!) && !/^(|na|n\/a|nan|null|\.)$/i.test(cell),
    );
    if (words || numbers.every(Number.isNaN)) {
      dropped.push(name);
      return;
    }
    names.push(name);
    values.push(...numbers);
  });
  if (names.length === 0)
    throw new InputError(table.name, "no trait is made of numbers", "code them as numbers");
  return { names, values: Float64Array.from(values), dropped };
}

/** One row a module and trait. */
export interface ModuleTraits {
  readonly module: Int32Array;
  readonly trait: Uint32Array;
  readonly n: Int32Array;
  /** Pearson's, over the samples that have the trait; NaN where it is constant or too rare. */
  readonly r: Float64Array;
  readonly log10P: Float64Array;
}

/** Correlations of eigengenes with traits. */
export function moduleTraits(
  { modules, vectors, samples }: Eigengenes,
  { names, values }: Traits,
): ModuleTraits {
  const rows = modules.length * names.length;
  const joined = new Float64Array((modules.length + names.length) * samples);
  vectors.forEach((vector, m) => {
    joined.set(vector, m * samples);
  });
  joined.set(values, modules.length * samples);
  const pairs = new PairwiseGenes(joined, samples, { method: "pearson" });
  const out = {
    ...{ module: new Int32Array(rows), trait: new Uint32Array(rows), n: new Int32Array(rows) },
    ...{ r: new Float64Array(rows), log10P: new Float64Array(rows) },
  };
  const one = { n: 0, r: 0 };
  let at = 0;
  modules.forEach((label, m) => {
    names.forEach((_, t) => {
      pairs.correlate(m, modules.length + t, one);
      out.module[at] = label;
      out.trait[at] = t;
      out.n[at] = one.n;
      out.r[at] = one.r;
      out.log10P[at] = one.n > 2 ? logP(one.r, one.n - 2) : Number.NaN;
      at++;
    });
  });
  return out;
}

function logP(r: number, df: number): number {
  const size = Math.min(1 - 2 ** -53, Math.abs(r));
  return log10TwoSidedT(size * Math.sqrt(df / ((1 - size) * (1 + size))), df);
}
