import { InputError } from "../../../errors.ts";
import { blobSource } from "../../../formats/source.ts";
import { counted, listed, thousands } from "../../../formats/wording.ts";
import type { FileRole, GivenFile, Understanding, UnderstoodFile } from "../protocol.ts";
import { buildOfReach } from "./builds.ts";
import { describe, type FileFacts, isResultName } from "./describe.ts";
import { type Sniffed, sniff } from "./facts.ts";
import { matchOf } from "./match.ts";
import { mayBeDosages } from "./tables.ts";

/** A given file with all that was found out of it. */
export interface KnownFile {
  readonly name: string;
  readonly blob: Blob;
  readonly facts: FileFacts;
}

/** Which file serves as what; those of one cohort. */
export interface CohortPlan {
  readonly plink?: { readonly bed: KnownFile; readonly bim: KnownFile; readonly fam: KnownFile } | undefined;
  readonly vcf?: { readonly vcf: KnownFile; readonly index?: KnownFile | undefined } | undefined;
  readonly dosages?:
    | { readonly matrix: KnownFile; readonly positions: KnownFile; readonly alleles?: KnownFile | undefined }
    | undefined;
  readonly expression?: KnownFile | undefined;
  /** Each of another trait: a view shows one at a time. */
  readonly gwas: readonly KnownFile[];
  readonly others: ReadonlyMap<FileRole, KnownFile>;
}

export interface Understood extends Omit<Understanding, "named"> {
  readonly plan: CohortPlan;
}

const sniffed = new WeakMap<Blob, Promise<Sniffed>>();
const described = new WeakMap<Blob, Map<FileRole, Promise<FileFacts>>>();

/** What was found out of a file is kept as long as the file is: asked again with one more file, the others cost nothing. */
async function known({ name, file, role }: GivenFile, guess?: FileRole): Promise<KnownFile> {
  let seen = sniffed.get(file);
  if (seen === undefined) {
    seen = sniff(blobSource(file, name));
    sniffed.set(file, seen);
  }
  const own = await seen.catch((error: unknown) => {
    sniffed.delete(file);
    throw error;
  });
  const taken = role ?? guess ?? (isResultName(name) ? "result" : own.guess);
  const facts = described.get(file) ?? new Map<FileRole, Promise<FileFacts>>();
  described.set(file, facts);
  const found = facts.get(taken) ?? describe(own, taken);
  facts.set(taken, found);
  // What cannot be read now may be later.
  found.catch(() => facts.delete(taken));
  return { name, blob: file, facts: await found };
}

/** A file that cannot even be read (moved, or changed since it was dropped). */
function unreadable({ name, file, role }: GivenFile, error: unknown): KnownFile {
  const why = error instanceof InputError ? error.message.slice(name.length + 2) : "cannot be read any more";
  const facts = {
    role: role ?? ("unknown" as const),
    says: "Not readable",
    problem: `${why}; drop it again`,
  };
  return { name, blob: file, facts };
}

/** What all files are, which of them make up a cohort, and what is wrong or missing. */
export async function understandFiles(files: readonly GivenFile[]): Promise<Understood> {
  const first = await Promise.all(files.map((file) => known(file).catch((error) => unreadable(file, error))));
  const samples = samplesOf(first);
  // A table of samples is told from another by whose ids are in it.
  const settledTables = await Promise.all(
    files.map((file, i) => (file.role === undefined ? settled(file, first[i]!, samples) : first[i]!)),
  );
  const all = await withDosages(files, settledTables);
  const problems = new Map<KnownFile, string>();
  const says = new Map<KnownFile, string>();
  const missing: string[] = [];
  const notes = { problems, says, missing };
  const plan = planOf(all, notes);
  const matched = matchOf(plan, notes);
  const build = buildOf(all, plan, notes);
  for (const file of all) if (file.facts.problem !== undefined) problems.set(file, file.facts.problem);
  const inPlan = filesOf(plan);
  const broken = inPlan.filter((file) => problems.has(file) && isBlocking(file));
  for (const { name } of broken) missing.push(`${name} cannot be used as it is: see what is said of it`);
  return {
    files: all.map((file): UnderstoodFile => {
      const problem = problems.get(file);
      const { role } = file.facts;
      const common = {
        name: file.name,
        role,
        bytes: file.blob.size,
        says: says.get(file) ?? file.facts.says,
      };
      return problem === undefined ? common : { ...common, problem };
    }),
    build,
    ...(matched === undefined ? {} : matched),
    ready: missing.length === 0 && matched !== undefined,
    missing,
    plan,
  };
}

/** Tells covariates from a matrix of expression by the samples that other files have: those that go down are no expression. */
async function settled(file: GivenFile, now: KnownFile, samples: ReadonlySet<string>): Promise<KnownFile> {
  if (now.facts.role !== "expression" || now.facts.placed === true || samples.size === 0) return now;
  const table = await known(file, "covariates");
  const found = (ids: readonly string[] = []): number => ids.filter((id) => samples.has(id)).length;
  const inColumn = found(table.facts.down);
  return inColumn > found(table.facts.across) && inColumn > samples.size / 4 ? table : now;
}

const GENOTYPES: readonly FileRole[] = ["bed", "vcf", "dosages"];

/**
 * Where there are no genotypes, one matrix of those taken for expression whose numbers are all from 0 to 2 is dosages: positions of variants lie
 * beside it, or other expression of the same samples. Names of variants may tell nothing, and dosages be no whole numbers.
 */
async function withDosages(given: readonly GivenFile[], all: KnownFile[]): Promise<KnownFile[]> {
  if (all.some(({ facts }) => GENOTYPES.includes(facts.role))) return all;
  const isExpression = ({ facts }: KnownFile): boolean => facts.role === "expression";
  const could = await Promise.all(
    given.map(async ({ file, role }, i) => {
      const isFree = role === undefined && isExpression(all[i]!) && all[i]!.facts.placed !== true;
      const own = isFree ? await sniffed.get(file) : undefined;
      return own !== undefined && mayBeDosages(own.table);
    }),
  );
  const at = could.indexOf(true);
  if (at < 0 || could.indexOf(true, at + 1) >= 0) return all;
  const others = all.filter((file, i) => i !== at && isExpression(file));
  const ids = new Set(others.flatMap(({ facts }) => facts.samples ?? []));
  const matches = all[at]!.facts.samples?.some((id) => ids.has(id)) === true;
  if (!matches && !all.some(({ facts }) => facts.role === "variant-positions")) return all;
  return all.with(at, await known(given[at]!, "dosages"));
}

/** Ids of genotypes and of expression with places, which no other file is mistaken for. */
function samplesOf(files: readonly KnownFile[]): Set<string> {
  const ids = files
    .filter(({ facts }) => ["fam", "vcf"].includes(facts.role) || facts.placed === true)
    .map(({ facts }) => facts.samples ?? []);
  return new Set(ids.flat());
}

/** What is said beside the files. */
export interface Notes {
  readonly problems: Map<KnownFile, string>;
  readonly says: Map<KnownFile, string>;
  readonly missing: string[];
}

/** What a role is called in a sentence. */
const NOUNS: Readonly<Partial<Record<FileRole, string>>> = {
  expression: "expression",
  covariates: "covariates",
  context: "contexts",
  sex: "sexes",
  annotation: "annotations",
  "gene-positions": "gene positions",
  recombination: "recombination maps",
};

function planOf(files: readonly KnownFile[], notes: Notes): CohortPlan {
  const of = (role: FileRole): KnownFile[] => files.filter(({ facts }) => facts.role === role);
  const others = new Map<FileRole, KnownFile>();
  for (const [role, noun] of Object.entries(NOUNS) as [FileRole, string][]) {
    const [one, ...more] = role === "covariates" ? likeliest(of(role), samplesOf(files)) : of(role);
    if (one !== undefined) others.set(role, one);
    for (const file of more) {
      const what = `is left out: ${one?.name} is taken as the ${noun}; leave that one out to use this`;
      notes.problems.set(file, what);
    }
  }
  const genotypes = genotypesOf(of, notes);
  const expression = others.get("expression");
  others.delete("expression");
  if (expression === undefined) {
    const table = others.get("covariates");
    const hint = table === undefined ? "" : ` (if ${table.name} is it, say so in the list)`;
    notes.missing.push(`Expression is missing: a BED or Parquet file, or a table of genes × samples${hint}`);
  } else if (
    expression.facts.placed === false &&
    !others.has("gene-positions") &&
    !others.has("annotation")
  ) {
    notes.missing.push(
      `${expression.name} does not say where its genes lie: add an annotation (GTF or BED) or their positions`,
    );
  }
  return { ...genotypes, expression, gwas: of("gwas"), others };
}

/** Of several tables that may be the covariates those first that have samples of the cohort. */
function likeliest(tables: readonly KnownFile[], samples: ReadonlySet<string>): KnownFile[] {
  const known = ({ facts }: KnownFile): number =>
    [...(facts.across ?? []), ...(facts.down ?? [])].some((id) => samples.has(id)) ? 1 : 0;
  return tables.toSorted((a, b) => known(b) - known(a));
}

type Genotypes = Pick<CohortPlan, "plink" | "vcf" | "dosages">;

function genotypesOf(of: (role: FileRole) => KnownFile[], notes: Notes): Genotypes {
  const trio = [...of("bed"), ...of("bim"), ...of("fam")];
  const vcfs = of("vcf");
  const matrices = of("dosages");
  const kinds = [trio, vcfs, matrices].filter(({ length }) => length > 0).length;
  if (kinds > 1) {
    const names = [trio[0], vcfs[0], matrices[0]]
      .filter((file) => file !== undefined)
      .map(({ name }) => name);
    notes.missing.push(`Genotypes are there twice (${names.join(" and ")}): leave one of them out`);
  }
  if (trio.length > 0) return { plink: plinkOf(of, notes) };
  if (vcfs.length > 0) return vcfOf(vcfs, of("vcf-index"), notes);
  for (const index of of("vcf-index")) notes.problems.set(index, "its VCF is missing; drop it too");
  if (matrices.length > 0) return dosagesOf(matrices, of, notes);
  notes.missing.push("Genotypes are missing: .bed, .bim and .fam of PLINK, or a VCF");
  return {};
}

const stem = (name: string): string => name.replace(/\.[^.]*$/, "");

function plinkOf(of: (role: FileRole) => KnownFile[], notes: Notes): CohortPlan["plink"] {
  const lists = { bed: of("bed"), bim: of("bim"), fam: of("fam") };
  const roles = ["bed", "bim", "fam"] as const;
  const all = roles.flatMap((role) => lists[role]);
  if (roles.some((role) => lists[role].length > 1)) {
    const stems = new Set(all.map(({ name }) => stem(name)));
    const whole = [...stems].filter((one) =>
      roles.every((role) => lists[role].some(({ name }) => stem(name) === one)),
    );
    notes.missing.push(
      `Genotypes of ${counted(stems.size, "data set")} are there (${listed(stems)}): keep one .bed, .bim and .fam; chromosomes in several files are merged with plink --merge-list`,
    );
    const keep = whole[0] ?? [...stems][0];
    for (const file of all) {
      if (stem(file.name) !== keep)
        notes.problems.set(file, `is of another data set than ${keep}.bed; leave one of them out`);
    }
    return undefined;
  }
  const [bed, bim, fam] = roles.map((role) => lists[role][0]);
  const lacking = roles.filter((role) => lists[role].length === 0);
  if (bed === undefined || bim === undefined || fam === undefined) {
    const names = lacking.map((role) => `.${role}`).join(" and ");
    notes.missing.push(
      `${all[0]!.name} needs its ${names} beside it: drop ${lacking.length > 1 ? "them" : "it"} too`,
    );
    for (const file of all)
      notes.problems.set(file, `its ${names} ${lacking.length > 1 ? "are" : "is"} missing`);
    return undefined;
  }
  checkSizes(bed, bim, fam, notes);
  return { bed, bim, fam };
}

/** A .bed holds a quarter of a byte a call, and no more. */
function checkSizes(bed: KnownFile, bim: KnownFile, fam: KnownFile, { problems, says }: Notes): void {
  const variants = bim.facts.variants ?? 0;
  const samples = fam.facts.samples?.length ?? 0;
  says.set(bed, `PLINK genotypes, ${counted(variants, "variant")} × ${counted(samples, "sample")}`);
  const stride = Math.ceil(samples / 4);
  const expected = 3 + variants * stride;
  const { size } = bed.blob;
  if (size === expected || stride === 0) return;
  const held = (size - 3) / stride;
  const names = new Set([bed, bim, fam].map(({ name }) => stem(name)));
  const why =
    names.size > 1
      ? "are these files of one data set?"
      : size < expected
        ? "it is cut: copy it again"
        : "copy all three files again";
  problems.set(
    bed,
    `holds ${thousands(size)} bytes, and ${counted(variants, "variant")} of ${counted(samples, "sample")} (${bim.name}, ${fam.name}) make ${thousands(expected)}${Number.isInteger(held) ? ` (it would fit ${counted(held, "variant")})` : ""}; ${why}`,
  );
}

function vcfOf(vcfs: readonly KnownFile[], indices: readonly KnownFile[], notes: Notes): Genotypes {
  const [vcf, ...more] = vcfs;
  if (more.length > 0) {
    const files = vcfs.map(({ name }) => name);
    notes.missing.push(
      `${counted(vcfs.length, "VCF")} are there (${listed(files)}): keep one; chromosomes in several files are joined with bcftools concat`,
    );
    for (const file of more) notes.problems.set(file, `is left out: ${vcf!.name} is the VCF that is taken`);
  }
  const index = indices.find(({ name }) => stem(name) === vcf!.name);
  for (const file of indices) {
    if (file === index) continue;
    notes.problems.set(
      file,
      `is not the index of ${vcf!.name} by its name (${vcf!.name}.tbi); it is not used`,
    );
  }
  return { vcf: { vcf: vcf!, index } };
}

function dosagesOf(
  matrices: readonly KnownFile[],
  of: (role: FileRole) => KnownFile[],
  notes: Notes,
): Genotypes {
  const [matrix, ...more] = matrices;
  for (const file of more)
    notes.problems.set(file, `is left out: ${matrix!.name} is the table of genotypes that is taken`);
  const [positions] = of("variant-positions");
  if (positions === undefined) {
    notes.missing.push(
      `${matrix!.name} does not say where its variants lie: add a table of id, chromosome and position`,
    );
    return {};
  }
  return { dosages: { matrix: matrix!, positions, alleles: of("alleles")[0] } };
}

/** Problems of these end the cohort; of the others, what they add. */
function isBlocking({ facts }: KnownFile): boolean {
  return facts.problem !== undefined || facts.role === "bed";
}

function filesOf({ plink, vcf, dosages, expression, gwas, others }: CohortPlan): KnownFile[] {
  const genotypes = [plink?.bed, plink?.bim, plink?.fam, vcf?.vcf, dosages?.matrix, dosages?.positions];
  return [...genotypes, expression, ...gwas, ...others.values()].filter((file) => file !== undefined);
}

/** The build that headers name, or that positions leave; undefined where files contradict each other, which is said of them, or say nothing. */
function buildOf(files: readonly KnownFile[], plan: CohortPlan, notes: Notes): string | undefined {
  const said = files.flatMap((file) => {
    const build = file.facts.build ?? (file.facts.reach && buildOfReach(file.facts.reach));
    return build === undefined ? [] : [{ file, build }];
  });
  const [first] = said;
  const genotypes = [plan.vcf?.vcf, plan.plink?.bim];
  const own = said.find(({ file }) => genotypes.includes(file)) ?? first;
  const others = said.filter(({ build }) => build !== own?.build);
  for (const { file, build } of others) {
    if (notes.problems.has(file)) continue;
    const what = `is on ${build}, and ${own?.file.name} on ${own?.build}: their positions do not belong together; lift one over`;
    notes.problems.set(file, what);
  }
  return others.length > 0 ? undefined : own?.build;
}
