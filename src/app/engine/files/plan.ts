import { counted, listed, thousands } from "../../../formats/wording.ts";
import type { FileRole } from "../protocol.ts";
import type { FileFacts } from "./fileFacts.ts";

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

/** Ids of genotypes and of expression with places, which no other file is mistaken for. */
export function samplesOf(files: readonly KnownFile[]): Set<string> {
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

/** Which files make up the cohort; what is left out, twice there or missing goes to `notes`. */
export function planOf(files: readonly KnownFile[], notes: Notes): CohortPlan {
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

/** All that a cohort is made of. */
export function filesOf({ plink, vcf, dosages, expression, gwas, others }: CohortPlan): KnownFile[] {
  const genotypes = [plink?.bed, plink?.bim, plink?.fam, vcf?.vcf, dosages?.matrix, dosages?.positions];
  return [...genotypes, expression, ...gwas, ...others.values()].filter((file) => file !== undefined);
}
