import type { Cohort } from "../../cohort/cohort.ts";
import { InputError } from "../../errors.ts";
import { type ByteSource, blobSource } from "../../formats/source.ts";
import { thousands } from "../../formats/wording.ts";
import { httpSource } from "../httpSource.ts";
import type { ResultFile } from "./protocol.ts";

/** What a manifest.json says, as far as the page needs it; the whole is kept. */
export interface ManifestFacts {
  readonly version?: string | undefined;
  readonly command?: readonly string[] | undefined;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  readonly seed?: number | undefined;
  readonly counts?: Readonly<Record<string, unknown>> | undefined;
  readonly lambda?: number | undefined;
  readonly inputs?: unknown;
  readonly samples?: unknown;
  readonly degreesOfFreedom?: number | undefined;
  readonly model?: string | undefined;
  /** What tells the cohort of a map from others, by src/cohort/marks.ts. */
  readonly cohort?: unknown;
  readonly files?:
    | readonly { readonly name: string; readonly rows?: number; readonly bytes: number }[]
    | undefined;
}

export type ResultKind = "cis" | "trans" | "network";

/** Files beside a result that views read: of the cohort, or dropped with the tables. */
export interface SideFiles {
  readonly annotation?: ByteSource | undefined;
  readonly recombination?: ByteSource | undefined;
  /** Of one trait each, in the order that they were given. */
  readonly gwas?: readonly ByteSource[] | undefined;
  readonly contexts?: ByteSource | undefined;
}

/**
 * A result whose tables can be asked: of a run in this page, kept by the browser, dropped, or behind addresses.
 * All that views see is made of it.
 */
export interface OpenResult {
  /** Of the kept run; of one from elsewhere any that no other result has had: answers are kept by it. */
  readonly id: string;
  readonly kind: ResultKind;
  /** What it was made of: `genotypes.bed x expression.bed.gz`, or the folder's name. */
  readonly name: string;
  /** manifest.json; empty where there was none. */
  readonly manifest: ManifestFacts;
  /** Tables in Parquet by their names without ending: `cis_pairs`, `cis_genes`, ...; `source.name` has the ending. */
  readonly tables: ReadonlyMap<string, ByteSource>;
  /** The cohort that it was made of, where it is open. */
  readonly cohort?: Cohort | undefined;
  readonly sides: SideFiles;
  /** The command line's report, or what a run in the page has to say in one. */
  readonly report?: { readonly html?: ByteSource | undefined; readonly parts?: ByteSource | undefined };
}

const ENDING = ".parquet";
const MANIFEST = "manifest.json";
const REPORT_PAGE = "report.html";
export const REPORT_PARTS = "report-parts.json";
const KNOWN = new Set([MANIFEST, REPORT_PAGE, REPORT_PARTS]);
/** Tables that only a result of that kind has. */
const TELLING: readonly (readonly [table: string, kind: ResultKind])[] = [
  ["cis_genes", "cis"],
  ["cis_pairs", "cis"],
  ["trans_genes", "trans"],
  ["trans_pairs", "trans"],
  ["cis_interaction_genes", "cis"],
  ["cis_interaction_pairs", "cis"],
  ["trans_interaction_genes", "trans"],
  ["trans_interaction_pairs", "trans"],
  ["modules", "network"],
  ["membership", "network"],
];

/** What a result with this table cannot be shown without. */
function neededBeside(table: string, kind: ResultKind): readonly string[] {
  return kind === "network" ? ["genes", "modules"] : [table.replace(/_pairs$/, "_genes")];
}

/** Tables of other commands, and what they are: none of them has a view of its own. */
const OTHERS: readonly (readonly [table: RegExp, what: string])[] = [
  [/^(cis_independent|cis_conditional|independent_genes)$/, "independent signals (qortex independent)"],
  [/^finemap_/, "credible sets (qortex finemap)"],
  [/^eqts_/, "scores against expression (qortex eqts)"],
  [/^anova_/, "a map of genotype classes (--model anova)"],
  [/^(communities|edges)$/, "communities of a network (qortex network communities)"],
  [/^(coregulation|components|component_trials)$/, "co-regulation (qortex network coregulation)"],
  [/^key_/, "key genes (qortex network key-genes)"],
  [/^gene_(sets|pvalues)$/, "predicted functions of genes (qortex network)"],
  [/^(pairs|overlaps|ranked|genes)$/, "a network without modules (qortex network)"],
];

/**
 * A result from its files, whatever folder names they come with; files that are neither tables nor a manifest are left
 * alone. Throws InputError where no table of a result is among them, or one that is needed lacks.
 */
export async function openResultFiles(
  files: readonly ResultFile[],
  rest: Pick<OpenResult, "id" | "sides" | "cohort">,
): Promise<OpenResult> {
  const sources = new Map<string, ByteSource>();
  for (const file of files) {
    const name = baseName(file.name);
    const other = "role" in file && file.role !== undefined && file.role !== "result";
    if (other || (!name.endsWith(ENDING) && !KNOWN.has(name))) continue;
    if (sources.has(name)) {
      throw new InputError(
        name,
        "is there twice: two results at once",
        "open one, and compare it with the other",
      );
    }
    sources.set(name, "file" in file ? blobSource(file.file, name) : await httpSource(file.url, name));
  }
  if (sources.size === 0) requireNoText(files);
  return resultOf(sources, { name: nameOf(files), ...rest });
}

/** Says of a result in text why it is none here. */
function requireNoText(files: readonly ResultFile[]): void {
  const text = files.map(({ name }) => baseName(name)).find((name) => /\.tsv(\.gz)?$/.test(name));
  if (text === undefined) return;
  throw new InputError(
    text,
    "is text, and results are opened from Parquet",
    "write it with --format parquet",
  );
}

/** The same of sources by their file names. */
export async function resultOf(
  files: ReadonlyMap<string, ByteSource>,
  rest: Pick<OpenResult, "id" | "name" | "sides" | "cohort">,
): Promise<OpenResult> {
  const tables = new Map<string, ByteSource>();
  for (const [name, source] of files) {
    if (name.endsWith(ENDING)) tables.set(name.slice(0, -ENDING.length), source);
  }
  const told = TELLING.find(([table]) => tables.has(table));
  if (told === undefined) throw noResult(rest.name, tables);
  const [table, kind] = told;
  const lacking = neededBeside(table, kind).find((needed) => !tables.has(needed));
  if (lacking !== undefined) {
    throw new InputError(rest.name, `${lacking}.parquet is missing`, "give all files of the result's folder");
  }
  for (const source of tables.values()) await requireParquet(source);
  const manifest = files.get(MANIFEST);
  const report = { html: files.get(REPORT_PAGE), parts: files.get(REPORT_PARTS) };
  const facts = manifest === undefined ? {} : await readManifest(manifest);
  requireSameResult(facts, table, tables);
  return { ...rest, kind, manifest: facts, tables, report };
}

function noResult(name: string, tables: ReadonlyMap<string, ByteSource>): InputError {
  const other = OTHERS.find(([pattern]) => [...tables.keys()].some((table) => pattern.test(table)));
  if (other !== undefined) {
    return new InputError(
      name,
      `these are the tables of ${other[1]}, which have no view here`,
      "open the map or the modules they were made of; the folder's own report.html shows them",
    );
  }
  return new InputError(
    name,
    "no tables of a result are among these files",
    "give cis_genes.parquet and its neighbours, as qortex cis, trans or network modules writes them",
  );
}

/** A manifest beside tables of another run would say of them what is not so. */
function requireSameResult(
  { files }: ManifestFacts,
  table: string,
  tables: ReadonlyMap<string, ByteSource>,
): void {
  const sizes = new Map(files?.map(({ name, bytes }) => [name, bytes]));
  const refuse = (name: string, why: string): InputError =>
    new InputError(name, why, "give the files of one folder together, each folder by itself");
  if (files !== undefined && !sizes.has(`${table}${ENDING}`))
    throw refuse(MANIFEST, `is of another result: it does not list ${table}${ENDING}`);
  for (const { name, size } of tables.values()) {
    const said = sizes.get(name);
    if (said !== undefined && said !== size)
      throw refuse(name, `has ${thousands(size)} bytes, and ${MANIFEST} says ${thousands(said)}`);
  }
}

const MAGIC = "PAR1";

async function requireParquet(source: ByteSource): Promise<void> {
  const text = async (start: number): Promise<string> =>
    new TextDecoder().decode(await source.read(start, start + MAGIC.length));
  if (source.size >= 12 && (await text(0)) === MAGIC && (await text(source.size - MAGIC.length)) === MAGIC)
    return;
  throw new InputError(source.name, "is no whole Parquet file", "copy it again");
}

async function readManifest(source: ByteSource): Promise<ManifestFacts> {
  try {
    const manifest: unknown = JSON.parse(new TextDecoder().decode(await source.read(0, source.size)));
    if (typeof manifest === "object" && manifest !== null && "program" in manifest) {
      if (manifest.program === "qortex") return manifest as ManifestFacts;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new InputError(
    source.name,
    "is no manifest of a result",
    "leave it out, or give the one of that folder",
  );
}

/** The last part of a path. */
function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** The folder that the files lie in, where their names tell it. */
function nameOf(files: readonly ResultFile[]): string {
  const folder = files[0]?.name.split(/[\\/]/).at(-2);
  return folder ?? "result";
}
