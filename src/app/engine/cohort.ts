import type { Cohort, Message } from "../../cohort/cohort.ts";
import type { ExpressionSet } from "../../cohort/expressionSet.ts";
import { type CohortSources, openSources } from "../../cohort/open.ts";
import { openExpressionSet } from "../../cohort/openExpressionSet.ts";
import { InputError } from "../../errors.ts";
import { type ByteSource, blobSource } from "../../formats/source.ts";
import { memorySpool } from "../../formats/spool.ts";
import { counted, listed } from "../../formats/wording.ts";
import { inflateInPage } from "../inflate.ts";
import type { CohortPlan, KnownFile } from "./files/plan.ts";
import { type Understood, understandFiles } from "./files/understand.ts";
import type { CohortChoice, CohortView, FileRole, GivenFile, ResultFile } from "./protocol.ts";
import type { SideFiles } from "./result.ts";

/** A cohort that is open, and all that it was made of. */
export interface OpenCohort {
  readonly cohort: Cohort;
  readonly choice: CohortChoice;
  readonly plan: CohortPlan;
  readonly messages: readonly Message[];
  readonly view: CohortView;
  readonly sides: SideFiles;
  /** The files of the cohort by their roles on the command line, as the manifest lists them. */
  readonly inputs: readonly CohortInput[];
  close(): Promise<void>;
}

/** A file of a cohort; what the command line would be given for it. */
export interface CohortInput extends GivenFile {
  readonly role: FileRole;
  /** `genotypes bed`, `expression`: as a manifest calls it. */
  readonly called: string;
}

/** Reads the files of a cohort, as `openSources` does. Throws InputError for files that make none up. */
export async function openCohort(choice: CohortChoice, signal?: AbortSignal): Promise<OpenCohort> {
  const understood = await understandFiles(choice.files);
  requireReady(understood);
  const { plan } = understood;
  const messages: Message[] = [];
  const { maf, transform } = choice;
  const onMessage = (message: Message): void => {
    messages.push(message);
  };
  const cohort = await openSources(sourcesOf(plan), inflateInPage, { maf, transform, signal, onMessage });
  return {
    cohort,
    choice,
    plan,
    messages,
    view: viewOf(cohort, messages),
    sides: sidesOf(plan),
    inputs: inputsOf(plan),
    close: async () => {
      await cohort.tables.genotypes.close?.();
    },
  };
}

function requireReady({ missing, files, samples }: Understood): void {
  const [first] = missing;
  if (first !== undefined) throw new InputError("the files", first, "see the list of files");
  if (samples === undefined || samples.matched < 3) {
    const bad = files.find(({ problem }) => problem !== undefined);
    const what = `only ${counted(samples?.matched ?? 0, "sample")} in all of them`;
    throw new InputError(
      bad?.name ?? "the files",
      bad?.problem ?? what,
      "3 samples are needed at the very least",
    );
  }
}

const source = ({ blob, name }: KnownFile): ByteSource => blobSource(blob, name);

function sourcesOf(plan: CohortPlan): CohortSources {
  const optional = (role: FileRole): ByteSource | undefined => {
    const file = plan.others.get(role);
    return file && source(file);
  };
  return {
    genotypes: genotypesOf(plan),
    expression: source(plan.expression!),
    // A BED has its places already.
    genePositions: plan.expression!.facts.placed === true ? undefined : optional("gene-positions"),
    annotation: optional("annotation"),
    covariates: optional("covariates"),
    sex: optional("sex"),
  };
}

function genotypesOf({ plink, vcf, dosages }: CohortPlan): CohortSources["genotypes"] {
  if (plink !== undefined) {
    return { bed: source(plink.bed), bim: source(plink.bim), fam: source(plink.fam) };
  }
  if (vcf !== undefined) {
    return { vcf: source(vcf.vcf), index: vcf.index && source(vcf.index), openSpool: memorySpool };
  }
  const { matrix, positions, alleles } = dosages!;
  return {
    matrix: source(matrix),
    positions: source(positions),
    alleles: alleles && source(alleles),
    openSpool: memorySpool,
  };
}

/**
 * What views read among files that a result comes with, by their content or the role that the person set. Those that cannot be used are left
 * out: the list of files says why.
 */
export async function besideResult(files: readonly ResultFile[]): Promise<SideFiles> {
  const given = files.filter((file): file is GivenFile => "file" in file);
  return sidesOf((await understandFiles(given)).plan);
}

function sidesOf({ gwas, others }: Pick<CohortPlan, "gwas" | "others">): SideFiles {
  const usable = ({ facts }: KnownFile): boolean => facts.problem === undefined;
  const side = (role: FileRole): ByteSource | undefined => {
    const file = others.get(role);
    return file && usable(file) ? source(file) : undefined;
  };
  const traits = gwas.filter(usable).map(source);
  const sides = {
    annotation: side("annotation"),
    recombination: side("recombination"),
    gwas: traits.length > 0 ? traits : undefined,
    contexts: side("context"),
  };
  // Those that are not there take no other's place when sides are joined.
  return Object.fromEntries(Object.entries(sides).filter(([, file]) => file !== undefined));
}

/** What a result came with, and of each kind that it came without what `others` have; GWAS are of one trait each: those of both, by name. */
export function withSides(own: SideFiles, others: SideFiles): SideFiles {
  const names = new Set(own.gwas?.map(({ name }) => name));
  const gwas = [...(own.gwas ?? []), ...(others.gwas ?? []).filter(({ name }) => !names.has(name))];
  return { ...others, ...own, ...(gwas.length > 0 ? { gwas } : {}) };
}

/** All files of a cohort, those that views alone read too. */
function inputsOf({ plink, vcf, dosages, expression, gwas, others }: CohortPlan): CohortInput[] {
  const input = (called: string, file: KnownFile | undefined): CohortInput[] =>
    file === undefined ? [] : [{ called, name: file.name, file: file.blob, role: file.facts.role }];
  return [
    ...input("genotypes bed", plink?.bed),
    ...input("genotypes bim", plink?.bim),
    ...input("genotypes fam", plink?.fam),
    ...input("genotypes vcf", vcf?.vcf),
    ...input("index", vcf?.index),
    ...input("genotypes", dosages?.matrix),
    ...input("variant positions", dosages?.positions),
    ...input("alleles", dosages?.alleles),
    ...input("expression", expression),
    ...gwas.flatMap((file) => input("gwas", file)),
    ...[...others].flatMap(([role, file]) => input(role.replaceAll("-", " "), file)),
  ];
}

/** The expression of an open cohort as networks take it: all of its samples, with genotypes or not. */
export async function openExpressionOf(
  { plan, choice }: Pick<OpenCohort, "plan" | "choice">,
  onMessage: (message: Message) => void,
): Promise<ExpressionSet> {
  const [annotation, covariates] = (["annotation", "covariates"] as const).map((role) =>
    plan.others.get(role),
  );
  return openExpressionSet(
    {
      expression: source(plan.expression!),
      annotation: annotation && source(annotation),
      covariates: covariates && source(covariates),
    },
    inflateInPage,
    { transform: choice.transform, onMessage },
  );
}

function viewOf(cohort: Cohort, messages: readonly Message[]): CohortView {
  return {
    samples: cohort.samples.length,
    genes: cohort.genes.id.length,
    variants: cohort.tables.genotypes.variantCount,
    covariates: cohort.report.covariatesUsed.length,
    degreesOfFreedom: cohort.degreesOfFreedom,
    dropped: droppedLines(cohort),
    messages,
    chromosomes: cohort.tables.genotypes.chromosomes,
  };
}

/** What is left out and why. */
function droppedLines(cohort: Cohort): string[] {
  const { report, geneStatus, genes, geneChromosome } = cohort;
  const samples = ([ids, why]: readonly [readonly string[], string]): string[] =>
    ids.length === 0 ? [] : [`${counted(ids.length, "sample")} ${why} (${listed(ids)})`];
  const left: readonly (readonly [readonly string[], string])[] = [
    [report.genotypesOnly, "in the genotypes only"],
    [report.expressionOnly, "in the expression only"],
    [report.covariatesOnly, "in the covariates only"],
    [report.withoutCovariates, "without covariates"],
    [report.withoutContexts, "without a context"],
  ];
  const named = (test: (gene: number) => boolean): string[] => genes.id.filter((_, gene) => test(gene));
  const elsewhere = named((gene) => geneChromosome[gene]! < 0);
  const constant = named((gene) => geneStatus[gene] === "constant");
  const collinear = named((gene) => geneStatus[gene] === "collinear");
  const gene = (ids: readonly string[], why: string): string[] =>
    ids.length === 0 ? [] : [`${counted(ids.length, "gene")} ${why} (${listed(ids)})`];
  return [
    ...left.flatMap(samples),
    ...gene(elsewhere, "on chromosomes without genotypes"),
    ...gene(constant, "whose expression is the same in all samples"),
    ...gene(collinear, "that the covariates explain whole"),
    ...report.covariatesDropped.map(({ name, why }) => `Covariate ${name}: ${why}`),
  ];
}

/** `genotypes × expression.bed.gz`. */
export function titleOf({ plan }: OpenCohort): string {
  const { plink, vcf, dosages, expression } = plan;
  const genotypes = plink?.bed.name ?? vcf?.vcf.name ?? dosages?.matrix.name ?? "genotypes";
  return `${genotypes.replace(/\.bed$/, "")} × ${expression?.name ?? "expression"}`;
}
