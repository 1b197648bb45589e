import type { PairValues } from "../association/pairValues.ts";
import type { GeneLevelPlan } from "../association/permutation/discovery.ts";
import type { CohortMarks, GeneStatus, GeneTable } from "../association/tables.ts";
import { type ContainerColumn, encodeContainer, openContainer } from "../formats/container.ts";
import { packValue, unpackValue } from "../formats/packed.ts";
import type { ContextModel, InteractionAsked } from "./interactionFacts.ts";
import type { GenomeLayout } from "./layout.ts";
import type { CohortFacts, MapFacts } from "./mapFacts.ts";
import type { LocusRegion } from "./regions.ts";

/** What a report says of a cohort, and what it takes to finish its map from the parts alone. */
export interface KeptCohort extends CohortFacts {
  readonly tables: {
    readonly genotypes: { readonly name: string; readonly chromosomes: readonly string[] };
    readonly expression: { readonly name: string };
    readonly covariates?: { readonly name: string } | undefined;
    readonly permutationIndices?: { readonly name: string } | undefined;
    readonly contextIsSex?: boolean | undefined;
  };
  readonly geneStatus: readonly GeneStatus[];
  readonly marks: CohortMarks;
}

/** A map without its parts: kept with them, so that they can be finished where the cohort's files are not. */
export interface KeptMap {
  readonly map: MapFacts["map"];
  readonly cohort: KeptCohort;
  readonly variants: GenomeLayout;
  readonly variantsRead: number;
  /** Of a cis map whose genes are tested further. */
  readonly geneLevelPlan?: GeneLevelPlan | undefined;
  /** The pairs that may be drawn sample by sample. */
  readonly drawn: readonly DrawnPair[];
  /** Regions that may be drawn. */
  readonly loci?: readonly DrawnLocus[] | undefined;
  /** Of maps of interactions. */
  readonly interaction?: KeptInteraction | undefined;
}

/** What a map of interactions has beside, and its models; genes are tested or not for each by itself. */
export interface KeptInteraction extends InteractionAsked {
  readonly models: readonly (ContextModel & {
    readonly geneStatus: readonly GeneStatus[];
    /** Of the cohort's `sharedVariance`, as fitted beside the context; null for NaN. */
    readonly share?: readonly (number | null)[] | undefined;
  })[];
}

/** `variant` is an index in the genotype source, `gene` one in the gene table. */
export interface DrawnPair {
  readonly variant: number;
  readonly gene: number;
  readonly values: PairValues;
}

/** `variant` and `gene` as in {@link DrawnPair}. */
export interface DrawnLocus {
  readonly variant: number;
  readonly gene: number;
  readonly region: LocusRegion;
}

const TEXTS = ["id", "chromosome", "strand", "symbol", "biotype", "dominantSample"] as const;
const VALUES = ["genotype", "expression", "residual"] as const;

/** {@link KeptMap} as one container. */
export function encodeKeptMap(kept: KeptMap): Uint8Array {
  const { map, cohort, variants, variantsRead, geneLevelPlan, drawn, loci = [], interaction } = kept;
  const {
    genes,
    geneStatus,
    tables,
    filters,
    transform,
    model,
    degreesOfFreedom,
    report,
    covariance,
    marks,
  } = cohort;
  const columns: ContainerColumn[] = [
    { name: "gene.start", values: genes.start },
    { name: "gene.end", values: genes.end },
    { name: "gene.status", values: geneStatus },
  ];
  for (const name of TEXTS) {
    const values = genes[name];
    if (values !== undefined) columns.push({ name: `gene.${name}`, values });
  }
  const shared = genes.sharedVariance;
  if (shared !== undefined) columns.push({ name: `gene.${shared.name}`, values: shared.share });
  columns.push({ name: "drawn.variant", values: Uint32Array.from(drawn, ({ variant }) => variant) });
  columns.push({ name: "drawn.gene", values: Uint32Array.from(drawn, ({ gene }) => gene) });
  drawn.forEach(({ values }, i) => {
    for (const name of VALUES) columns.push({ name: `drawn.${i}.${name}`, values: values[name] });
  });
  columns.push({ name: "loci", values: wordsOf(packValue({}, loci)) });
  const { used, covariatesUsed, covariatesDropped, genotypesOnly, expressionOnly } = report;
  const { covariatesOnly, withoutCovariates, withoutContexts, removed, unknown, chrX } = report;
  const facts: Facts = {
    map,
    tables: {
      genotypes: { name: tables.genotypes.name, chromosomes: tables.genotypes.chromosomes },
      expression: { name: tables.expression.name },
      ...named("covariates", tables.covariates),
      ...named("permutationIndices", tables.permutationIndices),
      ...(tables.contextIsSex === true && { contextIsSex: true }),
    },
    filters,
    transform,
    model,
    degreesOfFreedom,
    marks,
    ...(covariance && { covariance: { kind: covariance.kind, name: covariance.name } }),
    report: {
      ...{ used, covariatesUsed, covariatesDropped, genotypesOnly, expressionOnly },
      ...{ covariatesOnly, withoutCovariates, withoutContexts, removed, unknown, chrX },
    },
    variants,
    variantsRead,
    ...(geneLevelPlan && { geneLevelPlan: withoutTables(geneLevelPlan) }),
    ...(interaction === undefined ? {} : { interaction }),
  };
  const grouping = geneLevelPlan?.grouping;
  if (grouping !== undefined) {
    columns.push({ name: "group.id", values: grouping.id }, { name: "group.of", values: grouping.of });
  }
  return encodeContainer({ facts: JSON.stringify(facts) }, columns);
}

function named<Name extends string>(
  name: Name,
  table: { readonly name: string } | undefined,
): Partial<Record<Name, { readonly name: string }>> {
  const kept: Partial<Record<Name, { readonly name: string }>> = {};
  if (table !== undefined) kept[name] = { name: table.name };
  return kept;
}

/** A container within another one: its length is a multiple of 8. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
}

type Facts = Omit<KeptCohort, "genes" | "geneStatus"> &
  Omit<KeptMap, "cohort" | "drawn" | "loci" | "geneLevelPlan"> & {
    readonly geneLevelPlan?: Omit<GeneLevelPlan, "grouping"> | undefined;
  };

/** A plan without its groups, which are columns, and its permutations, which are made. */
function withoutTables({ within, discovery, degreesOfFreedom, rule }: GeneLevelPlan): Facts["geneLevelPlan"] {
  const plan = { within, discovery, degreesOfFreedom };
  if (rule === undefined) return plan;
  const { least, most } = rule;
  return { ...plan, rule: { least, most, degreesOfFreedom: rule.degreesOfFreedom } };
}

/** What {@link encodeKeptMap} wrote. Throws InputError naming `name`. */
export function decodeKeptMap(bytes: Uint8Array, name: string): KeptMap {
  const container = openContainer(bytes, name);
  const facts = JSON.parse(String(container.meta["facts"])) as Facts;
  const { map, variants, variantsRead, geneLevelPlan, interaction, ...cohort } = facts;
  const text = (column: (typeof TEXTS)[number]): readonly string[] | undefined =>
    container.names.includes(`gene.${column}`) ? container.strings(`gene.${column}`) : undefined;
  const shared = (["h2", "donor_icc"] as const).find((name) => container.names.includes(`gene.${name}`));
  const genes: GeneTable = {
    id: container.strings("gene.id"),
    chromosome: container.strings("gene.chromosome"),
    start: container.int32s("gene.start"),
    end: container.int32s("gene.end"),
    strand: container.strings("gene.strand"),
    symbol: text("symbol"),
    biotype: text("biotype"),
    dominantSample: text("dominantSample"),
    sharedVariance: shared && { name: shared, share: container.doubles(`gene.${shared}`) },
  };
  const gene = container.uint32s("drawn.gene");
  const drawn = Array.from(container.uint32s("drawn.variant"), (variant, i): DrawnPair => {
    const of = (column: (typeof VALUES)[number]) => container.doubles(`drawn.${i}.${column}`);
    const values = { genotype: of("genotype"), expression: of("expression"), residual: of("residual") };
    return { variant, gene: gene[i]!, values };
  });
  const geneStatus = container.strings("gene.status") as GeneStatus[];
  const words = container.uint32s("loci");
  const packed = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const loci = unpackValue(openContainer(packed, name)) as DrawnLocus[];
  const grouping = container.names.includes("group.id")
    ? { id: container.strings("group.id"), of: container.uint32s("group.of") }
    : undefined;
  return {
    map,
    cohort: { ...cohort, genes, geneStatus },
    variants,
    variantsRead,
    geneLevelPlan: geneLevelPlan && { ...geneLevelPlan, grouping },
    drawn,
    loci,
    interaction,
  };
}
