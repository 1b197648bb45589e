import { canonicalChromosome } from "../cohort/chromosomes.ts";
import { buildCohort, type Cohort } from "../cohort/cohort.ts";
import {
  type Components,
  expressionComponents,
  genotypeComponents,
  type Outlier,
  outliers,
  residualComponents,
} from "../cohort/components.ts";
import { refuseCovariance } from "../cohort/covariance.ts";
import { type PrunedVariants, type PruneOptions, pruneVariants } from "../cohort/pruning.ts";
import { covariateTable, joinColumns, pickColumns, type SampleColumns } from "../cohort/views.ts";
import { InputError, UsageError } from "../errors.ts";
import { numericCovariates } from "../formats/covariates.ts";
import type { CovariateTable } from "../formats/tables.ts";
import { counted, listed, thousands } from "../formats/wording.ts";
import { independentColumns } from "../statistics/collinearity.ts";
import type { DroppedColumn } from "../statistics/linalg.ts";
import { type Correlations, correlationsOf } from "./correlations.ts";
import { DRIVEN_P, type Driver, drivenComponents } from "./drivenComponents.ts";
import { checkComponentsMemory } from "./memory.ts";
import { DEFAULT_MEMORY, type RunOptions } from "./run.ts";
import {
  type ComponentChoice,
  chosenNumber,
  defaultNumbers,
  richestChromosome,
  type Titration,
  titrate,
} from "./titration.ts";

export interface CovariatesOptions extends RunOptions {
  /** How many genotype components. Default 5; 0: none. */
  readonly genotypePcs?: number | undefined;
  readonly pruning?: PruneOptions | undefined;
  /** How many expression components, or the rule that chooses. Default `auto`. */
  readonly expressionPcs?: ComponentChoice | undefined;
  /** Numbers of components to try, ascending. Default 0, 5, ..., 60, as far as a quarter of the samples goes. */
  readonly titrate?: readonly number[] | undefined;
  /** Where eGenes are counted. Default: the chromosome with the most genes. */
  readonly chromosome?: string | undefined;
  /** Of the maps that count eGenes, in base pairs. Default 1,000,000. */
  readonly window?: number | undefined;
  /** A component that a variant is associated with below this p is set aside. Default 1e-7. */
  readonly drivenP?: number | undefined;
  /** Use components that a variant drives all the same. */
  readonly keepDriven?: boolean | undefined;
  /** Told what has been done, a line each. */
  readonly onStep?: ((text: string) => void) | undefined;
}

/** Genotype components and what they were made of. */
export interface GenotypeStage {
  readonly pruned: PrunedVariants;
  readonly components: Components;
  readonly outliers: readonly Outlier[];
}

/** Covariates for a map, and how they came about. */
export interface Covariates {
  readonly samples: readonly string[];
  /** For the map: given covariates, genotype and expression components that stay, in this order. */
  readonly table: CovariateTable;
  /** The same as numbers. */
  readonly columns: SampleColumns;
  readonly dropped: readonly DroppedColumn[];
  /** Given covariates as numbers, before any is dropped. */
  readonly given: SampleColumns;
  readonly genotype?: GenotypeStage | undefined;
  /** Components of what given covariates and genotype components leave of expression. */
  readonly expression: Components;
  /** Components that a variant drives, and pairs tested to find them. */
  readonly drivers: readonly Driver[];
  readonly driverTests: number;
  /** Which components may be used, in order: all, or all but the driven ones. */
  readonly usable: readonly number[];
  /** How many of them are used. */
  readonly chosen: number;
  readonly titration?: Titration | undefined;
  readonly correlations?: Correlations | undefined;
}

/** A sample this many standard deviations from the mean of a component is named. */
export const OUTLIER_SD = 6;
/** Components computed beyond those wanted: some may be set aside, and the scree plot shows how the others go on. */
const SPARE = 10;
/** Components of unadjusted expression that covariates are correlated with. */
const CORRELATED = 10;

export const genotypeName = (k: number): string => `genotype_PC${k + 1}`;
export const expressionName = (k: number): string => `expression_PC${k + 1}`;

/**
 * What belongs into the model of an eQTL map (METHODS 1.4, 1.5, 1.7): the given covariates (of `cohort`, opened with
 * `missingCovariates: "mean"` where cells may be missing), principal components of LD-pruned genotypes, and as many components
 * of what these leave of expression as serve the map best, without those that a variant drives. The same bytes from every backend.
 */
export async function covariatesOf(cohort: Cohort, options: CovariatesOptions): Promise<Covariates> {
  refuseCovariance(cohort, "making covariates");
  const n = cohort.samples.length;
  const { backend, signal } = options;
  const say = options.onStep ?? (() => {});
  checkComponentsMemory(cohort, options.memory ?? DEFAULT_MEMORY);
  const given = givenColumns(cohort);
  checkNames(cohort, given);
  const genotype = await genotypeStage(cohort, options, say);
  const genotypeColumns = columnsOf(genotype?.components, genotypeName);
  const all = joinColumns(given, genotypeColumns);
  const independent = independentColumns(all.values, all.names, n);
  const design = pickColumns(all, independent.kept, n);
  for (const { name, why } of independent.dropped) {
    cohort.onMessage({ level: "warning", text: `covariate ${name} dropped: ${why}` });
  }
  const base = withDesign(cohort, design);
  const numbers = numbersToTry(base, options);
  const { expressionPcs: choice = "auto" } = options;
  const wanted = Math.max(...numbers, typeof choice === "number" ? choice : 0);
  const expression = await residualComponents(base, wanted + SPARE, backend, signal);
  const columns = columnsOf(expression, expressionName);
  say(`Expression: ${counted(expression.count, "component")} of ${counted(expression.features, "gene")}`);
  warnOfOneChromosome(cohort);
  const { drivers, tests } = await drivenComponents(base, columns, { ...options, pValue: options.drivenP });
  sayDriven(cohort, drivers, tests, options);
  const driven = new Set(options.keepDriven === true ? [] : drivers.map(({ component }) => component));
  const usable = columns.names.flatMap((_, k) => (driven.has(k) ? [] : [k]));
  if (wanted > usable.length) {
    throw new UsageError(
      `${counted(wanted, "expression component")} asked for, but there are ${usable.length} to use; lower --expression-pcs or --titrate`,
    );
  }
  const candidates = pickColumns(columns, usable, n);
  const titration =
    numbers.length === 0
      ? undefined
      : await titrate(base, design, candidates, numbers, {
          ...options,
          chromosome: options.chromosome ?? richestChromosome(base) ?? "",
          onPoint: ({ components, egenes }) =>
            say(`Titration: ${counted(egenes, "eGene")} with ${counted(components, "expression component")}`),
        });
  const chosen = chosenNumber(choice, titration);
  const used = pickColumns(
    candidates,
    Array.from({ length: chosen }, (_, k) => k),
    n,
  );
  const final = joinColumns(design, used);
  return {
    samples: cohort.samples,
    table: covariateTable("covariates", cohort.samples, final),
    columns: final,
    dropped: independent.dropped,
    ...{ given, genotype, expression, drivers, driverTests: tests, usable, chosen, titration },
    correlations: await correlated(base, all, given.names.length, genotypeColumns, options),
  };
}

/** The given covariates as numbers, missing ones at the mean. What was filled in the cohort has said already. */
function givenColumns(cohort: Cohort): SampleColumns {
  const { covariates } = cohort.tables;
  if (covariates === undefined) return { names: [], values: new Float64Array(0) };
  return numericCovariates(covariates, cohort.report.covariateIndex, "mean");
}

function checkNames({ tables }: Cohort, given: SampleColumns): void {
  const taken = given.names.find((name) => /^(genotype|expression)_PC\d+$/.test(name));
  if (taken === undefined) return;
  throw new InputError(
    tables.covariates?.name ?? "covariates",
    `has ${taken}, which is how the components made here are named`,
    "take the components out of it (or give them another name to have both)",
  );
}

/** Components as columns named by `name`. */
function columnsOf(components: Components | undefined, name: (k: number) => string): SampleColumns {
  if (components === undefined) return { names: [], values: new Float64Array(0) };
  return {
    names: Array.from({ length: components.count }, (_, k) => name(k)),
    values: components.vectors,
  };
}

async function genotypeStage(
  cohort: Cohort,
  options: CovariatesOptions,
  say: (text: string) => void,
): Promise<GenotypeStage | undefined> {
  const { genotypePcs: count = 5, backend, signal } = options;
  if (count === 0) return undefined;
  const n = cohort.samples.length;
  const pruned = await pruneVariants(cohort, { ...options.pruning, signal });
  const { name } = cohort.tables.genotypes;
  const { kept, read } = pruned.counts;
  say(`Genotypes: ${counted(kept, "variant")} of ${thousands(read)} left for components`);
  const components = await genotypeComponents(cohort, pruned.index, count, backend, signal);
  if (components.count < count) {
    throw new UsageError(
      `${counted(count, "genotype component")} asked for, but the ${counted(kept, "variant")} left of ${name} give ${components.count}; lower --genotype-pcs (0: none), or loosen --pca-maf, --pca-call-rate or --ld-r2`,
    );
  }
  if (kept < n) {
    const text = `genotype components are made of only ${counted(kept, "variant")} for ${n} samples: they may show single haplotypes rather than ancestry`;
    cohort.onMessage({ level: "warning", text });
  }
  const far = outliers(components, n, OUTLIER_SD);
  if (far.length > 0) {
    const named = far.map(
      ({ sample, component, z }) =>
        `${cohort.samples[sample]} on ${genotypeName(component)} (${z.toFixed(1)} SD)`,
    );
    const samples = new Set(far.map(({ sample }) => sample)).size;
    const text = `${counted(samples, "sample")} more than ${OUTLIER_SD} standard deviations from the mean of a genotype component: ${listed(named, 5)}; another ancestry, a relative or poor quality (see --remove)`;
    cohort.onMessage({ level: "warning", text });
  }
  return { pruned, components, outliers: far };
}

/** The cohort with `design` for covariates. */
function withDesign(cohort: Cohort, design: SampleColumns): Cohort {
  const { pairs: _p, covariates: _c, ...tables } = cohort.tables;
  const covariates =
    design.names.length === 0 ? undefined : covariateTable("covariates", cohort.samples, design);
  const own = buildCohort(
    { ...tables, covariates },
    { ...cohort.filters, transform: cohort.transform, model: cohort.model },
  );
  return { ...own, onMessage: cohort.onMessage };
}

/** Numbers of components to try: none where the number is given and none are asked for. */
function numbersToTry(base: Cohort, options: CovariatesOptions): readonly number[] {
  const { expressionPcs: choice = "auto", titrate: asked } = options;
  if (asked !== undefined) return asked;
  if (typeof choice === "number") return [];
  const genes = base.geneStatus.filter((status) => status === "ok").length;
  const most = Math.min(genes, base.samples.length - base.expressionBasis.count - 3) - SPARE;
  return defaultNumbers(base.samples.length, Math.max(0, most));
}

/** Components of few neighbouring genes follow their cis effects, and take them out of the map. */
function warnOfOneChromosome({ genes, geneStatus, onMessage }: Cohort): void {
  const chromosomes = new Set(
    genes.chromosome.flatMap((name, g) => (geneStatus[g] === "ok" ? [canonicalChromosome(name)] : [])),
  );
  const [only] = chromosomes;
  if (chromosomes.size !== 1) return;
  const text = `all genes lie on chromosome ${only}: expression components made of them take up part of the effects that a map of it looks for; give the expression of the whole genome`;
  onMessage({ level: "warning", text });
}

function sayDriven(
  cohort: Cohort,
  drivers: readonly Driver[],
  tests: number,
  { drivenP = DRIVEN_P, keepDriven = false }: CovariatesOptions,
): void {
  if (drivers.length === 0) return;
  const named = drivers.map(({ component, id }) => `${expressionName(component)} by ${id}`);
  const fate = keepDriven ? "used all the same (--keep-driven-pcs)" : "set aside";
  const text = `${counted(drivers.length, "expression component")} that a variant drives (p < ${drivenP}, ${thousands(tests)} tests): ${listed(named, 5)}; ${fate}`;
  cohort.onMessage({ level: "warning", text });
}

/** What the covariates have to do with expression before they are taken out, and the genotype components with the given ones. */
async function correlated(
  base: Cohort,
  covariates: SampleColumns,
  given: number,
  genotype: SampleColumns,
  { backend, signal }: CovariatesOptions,
): Promise<Correlations | undefined> {
  if (covariates.names.length === 0) return undefined;
  const n = base.samples.length;
  const components = await expressionComponents(base, CORRELATED, backend, signal);
  const raw = columnsOf(components, (k) => `unadjusted_PC${k + 1}`);
  const against = given > 0 ? joinColumns(genotype, raw) : raw;
  const correlations = correlationsOf(covariates, against, n);
  if (given === 0) return correlations;
  // Genotype components with each other are nothing to see.
  const r = correlations.r.map((value, i) => {
    const [row, column] = [Math.floor(i / against.names.length), i % against.names.length];
    return row >= given && column < genotype.names.length ? Number.NaN : value;
  });
  return { ...correlations, r };
}
