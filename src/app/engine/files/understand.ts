import { InputError } from "../../../errors.ts";
import { blobSource } from "../../../formats/source.ts";
import type { FileRole, GivenFile, Understanding, UnderstoodFile } from "../protocol.ts";
import { buildOfReach } from "./builds.ts";
import { noteChromosomes } from "./chromosomes.ts";
import { describe, isResultName } from "./describe.ts";
import { type Sniffed, sniff } from "./facts.ts";
import type { FileFacts } from "./fileFacts.ts";
import { matchOf } from "./match.ts";
import { type CohortPlan, filesOf, type KnownFile, type Notes, planOf, samplesOf } from "./plan.ts";
import { areClearlyDosages, mayBeDosages } from "./tables.ts";

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

/** Numbers from 0 to 2 may be copies of an allele or expression: which was assumed is said, where nothing but they or the file's name told. */
async function noteAssumed(
  given: readonly GivenFile[],
  all: readonly KnownFile[],
  { says }: Notes,
): Promise<void> {
  for (const [i, file] of all.entries()) {
    const { role, placed } = file.facts;
    const open =
      given[i]!.role === undefined && (role === "dosages" || (role === "expression" && placed !== true));
    const own = open ? await sniffed.get(file.blob) : undefined;
    if (own === undefined || !mayBeDosages(own.table) || areClearlyDosages(own.table)) continue;
    const [taken, other] = role === "dosages" ? ["genotypes", "expression"] : ["expression", "genotypes"];
    const text = `All numbers looked at are from 0 to 2: taken as ${taken}; if it is ${other}, choose so in the list`;
    says.set(file, `${says.get(file) ?? file.facts.says}. ${text}`);
  }
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
  await noteAssumed(files, all, notes);
  const matched = matchOf(plan, notes);
  const build = buildOf(all, plan, notes);
  noteChromosomes(plan, notes);
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

/** Problems of these end the cohort; of the others, what they add. */
function isBlocking({ facts }: KnownFile): boolean {
  return facts.problem !== undefined || facts.role === "bed";
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
