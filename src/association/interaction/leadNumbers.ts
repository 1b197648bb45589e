import type { SharedVariance } from "../../cohort/cohort.ts";
import { log10 } from "../../statistics/elementary.ts";
import { benjaminiHochberg } from "../../statistics/multiple.ts";
import { lambdaGC } from "../../statistics/quantile.ts";
import { GrowingFloats } from "../growing.ts";
import { doublesOf, int32sOf, type PartTable, uint32sOf } from "../mapPart.ts";
import type { LeadTable, MapResult } from "../tables.ts";
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

/** What leads and null sample have beside those of any map, under these names among the tables of a part. */
const LEADS = "interactionLeads";
const SAMPLE = "interactionSample";

/** Those of one part. */
export class PartNumbers {
  readonly nullSe = new GrowingFloats(64);
  readonly nullLog10P = new GrowingFloats(64);
  readonly #names: readonly string[];
  /** By gene: index of the lead in the source, effective tests, numbers. */
  readonly #leads = new Map<number, { variant: number; effectiveTests: number; values: Float64Array }>();

  constructor(model: ModelNames) {
    this.#names = namesOf(model);
  }

  /** The lead of `gene` in the part is `variant`, with these numbers: those of the pair, then those of the variant. */
  set(gene: number, variant: number, pair: Float64Array, ofVariant: Float64Array): void {
    const values = new Float64Array(pair.length + ofVariant.length);
    values.set(pair);
    values.set(ofVariant, pair.length);
    this.#leads.set(gene, { variant, effectiveTests: Number.NaN, values });
  }

  /** Of a gene that lies in this part alone; nothing where it has no lead. */
  setEffectiveTests(gene: number, tests: number): void {
    const lead = this.#leads.get(gene);
    if (lead !== undefined) lead.effectiveTests = tests;
  }

  tables(): Record<string, PartTable> {
    const leads = [...this.#leads].sort(([a], [b]) => a - b);
    const column = (numberOf: (lead: (typeof leads)[number][1]) => number): Float64Array =>
      Float64Array.from(leads, ([, lead]) => numberOf(lead));
    const values = this.#names.map((name, k) => [name, column((lead) => lead.values[k]!)] as const);
    return {
      [LEADS]: {
        gene: Uint32Array.from(leads, ([gene]) => gene),
        variant: Int32Array.from(leads, ([, { variant }]) => variant),
        effectiveTests: column(({ effectiveTests }) => effectiveTests),
        ...Object.fromEntries(values),
      },
      [SAMPLE]: { seHc3: this.nullSe.take(), log10PHc3: this.nullLog10P.take() },
    };
  }
}

/** What the numbers' names follow from. */
type ModelNames = Pick<InteractionModel, "contexts">;

function namesOf(model: ModelNames): string[] {
  return [...pairNames(model), ...variantNames(model)];
}

/** The whole result, of a map all of whose parts have {@link PartNumbers}; genes without effective tests of their own count all of their tests. */
export function interactionResult(
  model: ModelNames & { readonly sharedVariance?: SharedVariance | undefined },
  map: MapResult,
): InteractionResult {
  const { leads } = map;
  const { [LEADS]: ofLeads = {}, [SAMPLE]: ofSample = {}, ...tables } = map.tables;
  const row = leadRows(ofLeads, leads);
  const ofGenes = (name: string): Float64Array => {
    const values = doublesOf(ofLeads, name);
    return Float64Array.from(row, (at) => (at < 0 ? Number.NaN : values[at]!));
  };
  const effectiveTests = ofGenes("effectiveTests").map((tests, g) =>
    row[g]! >= 0 && Number.isNaN(tests) ? leads.numVariants[g]! : tests,
  );
  const log10Corrected = effectiveTests.map((tests, g) => Math.min(0, leads.log10P[g]! + log10(tests)));
  const nullLog10PHc3 = doublesOf(ofSample, "log10PHc3");
  return {
    ...map,
    tables,
    sharedVariance: model.sharedVariance,
    leadExtra: Object.fromEntries(namesOf(model).map((name) => [name, ofGenes(name)])),
    effectiveTests,
    log10Corrected,
    qCorrected: qOverGenes(leads, log10Corrected),
    nullSeHc3: doublesOf(ofSample, "seHc3"),
    nullLog10PHc3,
    lambdaHc3: lambdaGC(nullLog10PHc3.filter((value) => !Number.isNaN(value))),
  };
}

/** Where each gene's lead is among the parts' leads, -1 without one: a pair lies in one part only. */
function leadRows(ofLeads: PartTable, { leadVariant }: LeadTable): Int32Array {
  const variant = int32sOf(ofLeads, "variant");
  const row = new Int32Array(leadVariant.length).fill(-1);
  uint32sOf(ofLeads, "gene").forEach((gene, at) => {
    if (variant[at] === leadVariant[gene]) row[gene] = at;
  });
  return row;
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
