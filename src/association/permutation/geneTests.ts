/** What a cis map says of each gene beyond its lead's nominal test, a part at a time: plain columns, so that parts can be kept. */

import type { Cohort } from "../../cohort/cohort.ts";
import { analysedExpression } from "../../cohort/expression.ts";
import type { Windows } from "../../compute/backend.ts";
import { MISSING_CALL } from "../../formats/genotypes.ts";
import { log10Acat } from "../../statistics/acat.ts";
import type { TestedPairs } from "../batch.ts";
import type { CisPlan } from "../cisPlan.ts";
import { EffectiveTests } from "../effectiveTests.ts";
import { type Leads, TIE } from "../leads.ts";
import { normsOf } from "../norms.ts";
import type { Session } from "../run.ts";
import type { Survey } from "../survey.ts";
import { allelicFoldChange } from "./alleleEffect.ts";
import type { GeneLevelPlan } from "./discovery.ts";
import { permutableExpression } from "./expression.ts";
import {
  bestOfPermutations,
  type PermutationColumns,
  type PermutationRule,
  permutationColumns,
  permutationRuleOf,
  testLead,
} from "./geneTest.ts";
import { concatenated, type GroupTests, groupTests, membersOf } from "./groups.ts";
import { WhitenedPermutations } from "./whitened.ts";

/** Tests of genes, asked of a cis map on top of its pairs. */
export interface GeneTestPlan extends GeneLevelPlan {
  /** Of `permutations`. */
  readonly rule?: PermutationRule | undefined;
  /** Of `permutations`: whether their maxima are kept, as {@link GeneMaxima}. */
  readonly keepMaxima?: boolean | undefined;
}

/** A part whose pairs have been tested. */
export interface TestedPart {
  readonly genes: Uint32Array;
  readonly tested: Pick<Survey, "index" | "rows" | "norms" | "norm">;
  /** Of each gene, as rows of `tested`. */
  readonly windows: Windows;
  /** g.e of each gene's tested rows, at the start of its window's run. */
  readonly products: Float64Array;
  /** Gene i's pairs are rows `offset[i]` to `offset[i + 1]` (exclusive). */
  readonly pairs: TestedPairs & { readonly offset: Uint32Array };
}

/** The genes of a part that have a lead, a row each. NaN (0 in `numPerm`) where a test was not asked for. */
export type GeneTests = {
  /** Index in the run's genes. */
  readonly gene: Uint32Array;
  /** Variants whose |r| is that of the lead, the lead among them. */
  readonly tied: Int32Array;
  /** Called samples by copies of the lead's effect allele (a dosage counts as its nearest call). */
  readonly homOther: Int32Array;
  readonly het: Int32Array;
  readonly homEffect: Int32Array;
  readonly log2Afc: Float64Array;
  readonly log2AfcSe: Float64Array;
  readonly afcStatus: readonly string[];
  readonly log10PAcat: Float64Array;
  readonly numEff: Float64Array;
} & PermutationColumns;

/** The tests of no gene. */
export const NO_TESTS: GeneTests = {
  gene: new Uint32Array(0),
  tied: new Int32Array(0),
  homOther: new Int32Array(0),
  het: new Int32Array(0),
  homEffect: new Int32Array(0),
  log2Afc: new Float64Array(0),
  log2AfcSe: new Float64Array(0),
  afcStatus: [],
  log10PAcat: new Float64Array(0),
  numEff: new Float64Array(0),
  ...permutationColumns([]),
};

/** The best |r| of each permutation of the genes of {@link GeneTests}, `numPerm` of each, gene after gene. */
export type GeneMaxima = {
  readonly r: Float64Array;
};

/** What a part adds: its genes, their maxima where they are kept, and its groups where phenotypes are grouped. */
export type PartTests = {
  readonly geneTests: GeneTests;
  readonly geneMaxima?: GeneMaxima;
  readonly groupTests?: GroupTests;
};

/** A gene of the part with a lead: its place there, and its lead. */
interface LedGene {
  readonly place: number;
  readonly gene: number;
  /** Row of the lead. */
  readonly row: number;
  /** |r| of the lead, as `refine` has it. */
  readonly r: number;
  readonly tied: number;
}

/** What tests the genes of a part as `plan` asks, once its pairs are tested and its leads (by place in the part) are known. */
export async function geneTester(
  session: Session,
  plan: GeneTestPlan,
  { parts }: Pick<CisPlan, "parts">,
): Promise<(part: TestedPart, leads: Leads, signal?: AbortSignal) => Promise<PartTests>> {
  const { grouping } = plan;
  const members =
    grouping &&
    membersOf(
      grouping,
      parts.flatMap(({ genes }) => Array.from(genes)),
    );
  const effective =
    plan.within === "eigenmt" ? await EffectiveTests.load(session.surveyor.cohort.samples.length) : undefined;
  return (part, leads, signal) => testGenes(session, part, leads, plan, { members, effective }, signal);
}

/** What is made once for all parts, where it is asked for. */
interface OfAllParts {
  readonly members: Uint32Array | undefined;
  readonly effective: EffectiveTests | undefined;
}

async function testGenes(
  session: Session,
  part: TestedPart,
  leads: Leads,
  plan: GeneTestPlan,
  { members, effective }: OfAllParts,
  signal: AbortSignal | undefined,
): Promise<PartTests> {
  const { cohort } = session.surveyor;
  const { rule, grouping, degreesOfFreedom } = plan;
  const led = ledGenes(cohort, part, leads);
  const best = rule && (await permuted(session, part, led, rule, signal));
  const tests = best?.map((r, i) => testLead(r, led[i]!.r, degreesOfFreedom, rule!.degreesOfFreedom));
  const geneTests = {
    ...leadColumns(cohort, part, led, leads),
    log10PAcat: Float64Array.from(led, (gene) =>
      plan.within === "acat" ? log10Acat(pairsOf(part, gene.place)) : Number.NaN,
    ),
    numEff: Float64Array.from(led, (gene) =>
      effective === undefined ? Number.NaN : effectiveTestsOf(effective, part, gene.place),
    ),
    ...permutationColumns(led.map((_, i) => tests?.[i])),
  };
  const kept = { geneTests, ...(plan.keepMaxima && best && { geneMaxima: { r: concatenated(best) } }) };
  if (!(rule && grouping && members && best)) return kept;
  const here = { genes: part.genes, led, best };
  return {
    ...kept,
    groupTests: groupTests(grouping, members, here, degreesOfFreedom, rule.degreesOfFreedom),
  };
}

function leadColumns(cohort: Cohort, part: TestedPart, led: readonly LedGene[], leads: Leads) {
  const details = led.map((gene) => leadDetails(cohort, part, gene, leads));
  return {
    gene: Uint32Array.from(led, ({ gene }) => gene),
    tied: Int32Array.from(led, ({ tied }) => tied),
    homOther: Int32Array.from(details, ({ calls }) => calls[0]!),
    het: Int32Array.from(details, ({ calls }) => calls[1]!),
    homEffect: Int32Array.from(details, ({ calls }) => calls[2]!),
    log2Afc: Float64Array.from(details, ({ foldChange }) => foldChange.log2),
    log2AfcSe: Float64Array.from(details, ({ foldChange }) => foldChange.standardError),
    afcStatus: details.map(({ foldChange }) => foldChange.status),
  };
}

function ledGenes(
  cohort: Cohort,
  { genes, tested, windows, products, pairs }: TestedPart,
  leads: Leads,
): LedGene[] {
  const led: LedGene[] = [];
  let first = 0;
  genes.forEach((gene, place) => {
    const start = first;
    first += windows.end[place]! - windows.start[place]!;
    const variant = leads.variantOf(place);
    if (variant < 0) return;
    const [from, to] = [pairs.offset[place]!, pairs.offset[place + 1]!];
    const rows = pairs.row.subarray(from, to);
    const { norms, stretch } = normsOf(cohort, tested, gene);
    const lead = rows.findIndex((row) => tested.index[row] === variant);
    const own = products.subarray(start, start + rows.length);
    const r = Math.abs(own[lead]! / (norms[rows[lead]!]! * stretch));
    led.push({ place, gene, row: rows[lead]!, r, tied: tiedWith(r, own, rows, norms, stretch) });
  });
  return led;
}

/** How many of a gene's pairs have the lead's |r|, but for rounding. */
function tiedWith(
  lead: number,
  products: Float64Array,
  rows: Uint32Array,
  norms: Float64Array,
  stretch: number,
): number {
  const least = lead * (1 - TIE);
  let tied = 0;
  for (let k = 0; k < rows.length; k++) {
    if (Math.abs(products[k]! / (norms[rows[k]!]! * stretch)) >= least) tied++;
  }
  return tied;
}

/** log10 p of a gene's pairs. */
function pairsOf({ pairs }: TestedPart, place: number): Float64Array {
  return pairs.log10P.subarray(pairs.offset[place]!, pairs.offset[place + 1]!);
}

function effectiveTestsOf(effective: EffectiveTests, { tested, pairs }: TestedPart, place: number): number {
  const own = pairs.row.subarray(pairs.offset[place]!, pairs.offset[place + 1]!);
  return effective.count(tested.rows, tested.index, own);
}

function leadDetails(cohort: Cohort, { tested: { rows, norm } }: TestedPart, led: LedGene, leads: Leads) {
  const { tables, geneRow, report, transform } = cohort;
  const n = rows.samples;
  const calls = new Uint32Array(MISSING_CALL + 1);
  for (let s = 0; s < n; s++) {
    calls[(rows.packed[led.row * rows.stride + (s >> 2)]! >> (2 * (s & 3))) & 3]!++;
  }
  const expression = new Float64Array(n);
  analysedExpression(tables.expression, geneRow[led.gene]!, report.expressionIndex, transform, expression);
  const { slope, slopeSe } = leads.effectOf(led.place);
  const foldChange = allelicFoldChange({
    expression,
    transformed: transform !== "none",
    correlated: cohort.covariance !== undefined,
    meanDosage: rows.fill[led.row]!,
    genotypeNorm: norm[led.row]!,
    slope,
    slopeSe,
  });
  return { calls, foldChange };
}

async function permuted(
  session: Session,
  { tested, windows }: TestedPart,
  led: readonly LedGene[],
  rule: PermutationRule,
  signal: AbortSignal | undefined,
): Promise<Float64Array[]> {
  const { backend, cohort } = session.surveyor;
  const whitened = WhitenedPermutations.of(cohort);
  // A part's genes are on one chromosome.
  const own = permutationRuleOf(rule, cohort.genes.chromosome[led[0]?.gene ?? 0] ?? "");
  const best = (some: readonly LedGene[], group: number): Promise<Float64Array[]> => {
    const genes = Uint32Array.from(some, ({ gene }) => gene);
    const permuted = whitened
      ? { expression: whitened.expression(genes), make: (e: Float64Array) => whitened.column(e, group) }
      : plainPermutable(cohort, genes);
    const work = {
      rows: tested.rows,
      norm: tested.norms[group]!,
      windows: {
        start: Uint32Array.from(some, ({ place }) => windows.start[place]!),
        end: Uint32Array.from(some, ({ place }) => windows.end[place]!),
      },
      basis: undefined,
      ...permuted,
    };
    return bestOfPermutations(
      backend,
      work,
      Float64Array.from(some, ({ r }) => r),
      own,
      signal,
    );
  };
  if (whitened === undefined) return best(led, 0);
  // Genes of one covariance together: the same norms divide their columns.
  const all = new Map<LedGene, Float64Array>();
  for (let group = 0; group < tested.norms.length; group++) {
    const some = led.filter(({ gene }) => whitened.group(gene) === group);
    const found = some.length === 0 ? [] : await best(some, group);
    for (const [i, gene] of some.entries()) all.set(gene, found[i]!);
  }
  return led.map((gene) => all.get(gene)!);
}

function plainPermutable(cohort: Cohort, genes: Uint32Array) {
  const { values, basis } = permutableExpression(cohort, genes);
  return { expression: values, basis };
}
