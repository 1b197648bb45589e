import { log10 } from "../../statistics/elementary.ts";
import { benjaminiHochberg } from "../../statistics/multiple.ts";
import { lambdaGC } from "../../statistics/quantile.ts";
import { GrowingFloats } from "../growing.ts";
import type { ExtraColumns, LeadTable, MapResult } from "../tables.ts";
import type { InteractionModel } from "./model.ts";
import { pairNames, variantNames } from "./pairNumbers.ts";
import type { InteractionResult } from "./tables.ts";

/** From so many tests on, HC3 of the null sample is that of one variant in {@link SAMPLED}: it costs more than all else together. */
const MANY_TESTS = 20_000;
const SAMPLED = 8;

/** Whether the pairs of the null sample with the variant `index` of the source have HC3, in a map of about `tests` pairs. */
export function isSampledForHc3(index: number, tests: number): boolean {
  return tests <= MANY_TESTS || index % SAMPLED === 0;
}

/** What leads and null sample of an interaction map have beside those of any map. */
export class LeadNumbers {
  readonly effectiveTests: Float64Array;
  readonly nullSe = new GrowingFloats();
  readonly nullLog10P = new GrowingFloats();
  readonly #names: readonly string[];
  readonly #values: Float64Array;

  constructor(model: InteractionModel) {
    const genes = model.cohort.genes.id.length;
    this.#names = [...pairNames(model), ...variantNames(model)];
    this.#values = new Float64Array(genes * this.#names.length).fill(Number.NaN);
    this.effectiveTests = new Float64Array(genes).fill(Number.NaN);
  }

  /** The lead of `gene` has these numbers: those of the pair, then those of the variant. */
  set(gene: number, pair: Float64Array, variant: Float64Array): void {
    const at = gene * this.#names.length;
    this.#values.set(pair, at);
    this.#values.set(variant, at + pair.length);
  }

  /** The whole result; genes without effective tests of their own count all of their tests. */
  result(map: MapResult): InteractionResult {
    const { leads } = map;
    const genes = leads.status.length;
    const columns: Record<string, Float64Array> = {};
    this.#names.forEach((name, k) => {
      columns[name] = Float64Array.from(
        { length: genes },
        (_, g) => this.#values[g * this.#names.length + k]!,
      );
    });
    const leadExtra: ExtraColumns = columns;
    const effectiveTests = this.effectiveTests.map((tests, g) => {
      if (leads.leadVariant[g]! < 0) return Number.NaN;
      return Number.isNaN(tests) ? leads.numVariants[g]! : tests;
    });
    const log10Corrected = effectiveTests.map((tests, g) => Math.min(0, leads.log10P[g]! + log10(tests)));
    const nullLog10PHc3 = this.nullLog10P.take();
    return {
      ...map,
      leadExtra,
      effectiveTests,
      log10Corrected,
      qCorrected: qOverGenes(leads, log10Corrected),
      nullSeHc3: this.nullSe.take(),
      nullLog10PHc3,
      lambdaHc3: lambdaGC(nullLog10PHc3.filter((value) => !Number.isNaN(value))),
    };
  }
}

/** Benjamini-Hochberg over all genes that were tested, with a lead to write or not. */
function qOverGenes({ status, leadVariant }: LeadTable, log10Corrected: Float64Array): Float64Array {
  const led = [...leadVariant.keys()].filter((g) => leadVariant[g]! >= 0);
  const tested = status.filter((known) => known === "ok" || known === "no-hit").length;
  const q = benjaminiHochberg(
    Float64Array.from(led, (g) => log10Corrected[g]!),
    tested,
  );
  const out = new Float64Array(status.length).fill(Number.NaN);
  led.forEach((g, i) => {
    out[g] = q[i]!;
  });
  return out;
}
