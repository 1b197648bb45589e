import type { Cohort } from "../../cohort/cohort.ts";
import { InputError } from "../../errors.ts";
import { type ByteSource, blobSource } from "../../formats/source.ts";
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
  readonly samples?: unknown;
  readonly degreesOfFreedom?: number | undefined;
  readonly model?: string | undefined;
  readonly files?:
    | readonly { readonly name: string; readonly rows?: number; readonly bytes: number }[]
    | undefined;
}

export type ResultKind = "cis" | "trans" | "network";

/** Files beside a result that views read: of the cohort, or dropped with the tables. */
export interface SideFiles {
  readonly annotation?: ByteSource | undefined;
  readonly recombination?: ByteSource | undefined;
  readonly gwas?: ByteSource | undefined;
  readonly contexts?: ByteSource | undefined;
}

/**
 * A result whose tables can be asked: of a run in this page, kept by the browser, dropped, or behind addresses.
 * All that views see is made of it.
 */
export interface OpenResult {
  /** Of the kept run; of one from elsewhere its name. */
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
  ["modules", "network"],
  ["membership", "network"],
];

/** What a kind of result cannot be shown without. */
const NEEDED: Readonly<Record<ResultKind, readonly string[]>> = {
  cis: ["cis_genes"],
  trans: ["trans_genes"],
  network: ["genes", "modules"],
};

/**
 * A result from its files, whatever folder names they come with; files that are neither tables nor a manifest are left
 * alone. Throws InputError where no table of a result is among them, or one that is needed lacks.
 */
export async function openResultFiles(
  files: readonly ResultFile[],
  rest: Pick<OpenResult, "sides" | "cohort"> = { sides: {} },
): Promise<OpenResult> {
  const sources = new Map<string, ByteSource>();
  for (const file of files) {
    const name = baseName(file.name);
    if (!name.endsWith(ENDING) && !KNOWN.has(name)) continue;
    if (sources.has(name)) {
      throw new InputError(
        name,
        "is there twice: two results at once",
        "open one, and compare it with the other",
      );
    }
    sources.set(name, "file" in file ? blobSource(file.file, name) : await httpSource(file.url, name));
  }
  return resultOf(sources, { id: "", name: nameOf(files), ...rest });
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
  const kind = TELLING.find(([table]) => tables.has(table))?.[1];
  if (kind === undefined) {
    throw new InputError(
      rest.name,
      "no tables of a result are among these files",
      "give cis_genes.parquet and its neighbours, as qortex cis, trans or network modules writes them",
    );
  }
  const lacking = NEEDED[kind].find((table) => !tables.has(table));
  if (lacking !== undefined) {
    throw new InputError(rest.name, `${lacking}.parquet is missing`, "give all files of the result's folder");
  }
  for (const source of tables.values()) await requireParquet(source);
  const manifest = files.get(MANIFEST);
  const report = { html: files.get(REPORT_PAGE), parts: files.get(REPORT_PARTS) };
  const facts = manifest === undefined ? {} : await readManifest(manifest);
  return { ...rest, kind, manifest: facts, tables, report };
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
