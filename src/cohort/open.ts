import { UsageError } from "../errors.ts";
import { readContexts } from "../formats/contexts.ts";
import { readCovariates } from "../formats/covariates.ts";
import { readDonors } from "../formats/donors.ts";
import type { GenotypeSource } from "../formats/genotypes.ts";
import { readCoupling, readPairs, readSampleList, readVariantList } from "../formats/lists.ts";
import { readGroups, readIndices } from "../formats/permutationFiles.ts";
import { openPlink, type PlinkSources } from "../formats/plink.ts";
import { type RelatednessSources, readRelatedness } from "../formats/relatedness.ts";
import { readSampleMatrix } from "../formats/sampleMatrix.ts";
import { readSex } from "../formats/sex.ts";
import { type ByteSource, cancellable, type Inflate } from "../formats/source.ts";
import type { CovarianceTable } from "../formats/tables.ts";
import { openTextGenotypes, type TextSources } from "../formats/textGenotypes.ts";
import { openVcf, type VcfSources } from "../formats/vcf.ts";
import type { VcfOptions } from "../formats/vcfOptions.ts";
import { counted } from "../formats/wording.ts";
import { buildCohort, type Cohort, type CohortOptions } from "./cohort.ts";
import { selectContexts } from "./contexts.ts";
import { openSexes, type SexOptions, sexContext, sexesOf, withSexCovariate } from "./openSexes.ts";
import { type ExpressionSources, openExpression } from "./openTables.ts";
import { withParsOnX } from "./parsOnX.ts";
import { chrXReport, sexMessages } from "./sexMessages.ts";

/** The files of a cohort's genotypes, one way or the other. */
export type GenotypeSources = PlinkSources | TextSources | VcfSources;

/** How a cohort is read and made. */
export interface OpenOptions extends CohortOptions, VcfOptions, SexOptions {
  /** Of the contexts file, only these. Default all. */
  readonly contexts?: readonly string[] | undefined;
}

/** The files of one cohort, as byte sources. */
export interface CohortSources extends ExpressionSources {
  readonly genotypes: GenotypeSources;
  readonly covariates?: ByteSource | undefined;
  /** What an interaction map tests genotypes with: sample x context, either way round. */
  readonly interaction?: ByteSource | undefined;
  /** Sample and sex; else that of a .fam, or of a VCF's haploid calls. */
  readonly sex?: ByteSource | undefined;
  readonly coupling?: ByteSource | undefined;
  readonly errorCovariance?: ByteSource | undefined;
  readonly relatedness?: RelatednessSources | undefined;
  readonly donors?: ByteSource | undefined;
  readonly keep?: ByteSource | undefined;
  readonly remove?: ByteSource | undefined;
  readonly extract?: ByteSource | undefined;
  readonly exclude?: ByteSource | undefined;
  /** Variant and gene, a pair a line. */
  readonly pairs?: ByteSource | undefined;
  /** Phenotype and group, a line a phenotype. */
  readonly groups?: ByteSource | undefined;
  /** A permutation of the samples a line. */
  readonly permutationIndices?: ByteSource | undefined;
}

/**
 * Reads the files of a cohort, matches their samples and residualises expression. Genotypes stay where
 * they are and are read as the maps need them (a VCF's are stored for that; the cohort's
 * `tables.genotypes.close` gives the store back). Throws InputError for anything that cannot be used.
 */
export async function openSources(
  sources: CohortSources,
  inflate: Inflate,
  options: OpenOptions = {},
): Promise<Cohort> {
  const { signal } = options;
  const reading = signal === undefined ? sources : cancellableSources(sources, signal);
  const genotypes = withParsOnX(await openGenotypes(reading.genotypes, inflate, options));
  try {
    return await openTables(genotypes, reading, inflate, options);
  } catch (error) {
    await genotypes.close?.();
    throw error;
  }
}

/** All files, each of which stops being read when `signal` fires. */
function cancellableSources(sources: CohortSources, signal: AbortSignal): CohortSources {
  const wrap = <Files extends object>(files: Files): Files =>
    Object.fromEntries(
      Object.entries(files).map(([role, file]) => [role, isSource(file) ? cancellable(file, signal) : file]),
    ) as Files;
  const { genotypes, relatedness } = sources;
  return { ...wrap(sources), genotypes: wrap(genotypes), relatedness: relatedness && wrap(relatedness) };
}

function isSource(file: unknown): file is ByteSource {
  return typeof file === "object" && file !== null && "read" in file && "size" in file;
}

async function openTables(
  genotypes: GenotypeSource,
  sources: CohortSources,
  inflate: Inflate,
  options: OpenOptions,
): Promise<Cohort> {
  const expression = await openExpression(sources, inflate);
  for (const text of [...(genotypes.messages ?? []), ...(expression.messages ?? [])]) {
    options.onMessage?.({ level: "warning", text });
  }
  const inList = new Set(expression.id);
  const inGenotypes = new Set(genotypes.samples);
  const inExpression = new Set(expression.samples);
  const either = new Set([...expression.samples, ...genotypes.samples]);
  const optional = <Table>(
    source: ByteSource | undefined,
    read: (source: ByteSource) => Promise<Table>,
  ): Promise<Table | undefined> => (source === undefined ? Promise.resolve(undefined) : read(source));
  const pairs = await optional(sources.pairs, (source) => readPairs(source, inflate, inList));
  if (pairs !== undefined && pairs.repeated > 0) {
    const lines = counted(pairs.repeated, "line that repeats", "lines that repeat");
    options.onMessage?.({ level: "warning", text: `${pairs.name}: ${lines} a pair` });
  }
  const coupling = await optional(sources.coupling, (source) =>
    readCoupling(source, inflate, inGenotypes, inExpression),
  );
  const sexes = sexesOf(
    genotypes,
    await optional(sources.sex, (source) => readSex(source, inflate, either)),
    coupling,
  );
  const given = await optional(sources.covariates, (source) => readCovariates(source, inflate, either));
  const sexed = await openSexes(genotypes, sexes, options);
  const cohort = buildCohort(
    {
      genotypes: sexed.genotypes,
      sexChromosomes: sexed.plan,
      expression,
      covariates: options.sexCovariate === true ? withSexCovariate(given, genotypes, sexes, coupling) : given,
      contexts:
        options.interactionSex === true
          ? sexContext(genotypes, sexes)
          : await optional(sources.interaction, async (source) =>
              selectContexts(await readContexts(source, inflate, either), options.contexts),
            ),
      contextIsSex: options.interactionSex,
      coupling,
      covariance: await openCovariance(sources, inflate, either),
      donors: await optional(sources.donors, (source) =>
        readDonors(source, inflate, inGenotypes, inExpression),
      ),
      keep: await optional(sources.keep, (source) => readSampleList(source, inflate, either)),
      remove: await optional(sources.remove, (source) => readSampleList(source, inflate, either)),
      extract: await optional(sources.extract, (source) => readVariantList(source, inflate)),
      exclude: await optional(sources.exclude, (source) => readVariantList(source, inflate)),
      pairs,
      groups: await optional(sources.groups, (source) => readGroups(source, inflate)),
      permutationIndices: await optional(sources.permutationIndices, (source) =>
        readIndices(source, inflate),
      ),
    },
    options,
  );
  const { plan, calls } = sexed;
  if (plan === undefined || calls === undefined) return cohort;
  for (const message of sexMessages(cohort, plan, calls, sexes)) cohort.onMessage(message);
  return { ...cohort, report: { ...cohort.report, chrX: chrXReport(cohort, plan, calls, sexes) } };
}

/** Throws UsageError for two covariances. */
async function openCovariance(
  { errorCovariance, relatedness }: CohortSources,
  inflate: Inflate,
  known: ReadonlySet<string>,
): Promise<CovarianceTable | undefined> {
  if (errorCovariance !== undefined && relatedness !== undefined) {
    throw new UsageError("an error covariance and relatedness are two covariances; leave one out");
  }
  if (errorCovariance !== undefined) {
    return { kind: "given", matrix: await readSampleMatrix(errorCovariance, inflate, known) };
  }
  if (relatedness === undefined) return undefined;
  return { kind: "relatedness", matrix: await readRelatedness(relatedness, inflate, known) };
}

function openGenotypes(
  sources: GenotypeSources,
  inflate: Inflate,
  options: VcfOptions,
): Promise<GenotypeSource> {
  if ("vcf" in sources) return openVcf(sources, inflate, options);
  const { dosageField = "auto", multiallelic = "skip", pass = false, regions } = options;
  const given = [
    regions === undefined ? "" : "--region",
    pass ? "--pass" : "",
    dosageField === "auto" ? "" : "--dosage-field",
    multiallelic === "skip" ? "" : "--multiallelic",
  ].find((option) => option !== "");
  if (given !== undefined) throw new UsageError(`${given} is for genotypes in VCF; leave it out`);
  return "bed" in sources ? openPlink(sources, inflate) : openTextGenotypes(sources, inflate);
}
