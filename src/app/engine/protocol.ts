import type { MapCounts } from "../../association/tables.ts";
import type { Message } from "../../cohort/cohort.ts";
import type { Illustrated } from "../../report/report.ts";
import type {
  ChromosomeSpan,
  CohortEffect,
  ComparedResult,
  GeneColumns,
  GeneSignals,
  GraphWanted,
  GwasLoci,
  InteractionValues,
  ModuleColumns,
  NetworkGraph,
  PairColumns,
  PairKey,
  PointColumns,
  Region,
  RegionTracks,
  SampleValues,
} from "./answers.ts";

export type * from "./answers.ts";

/**
 * What the page asks of its engine, which works in a worker: types alone, shared by both sides. Every answer is a promise on the page's side
 * (see ./client.ts); what fails comes as one of the errors of src/errors.ts, told apart by `name`. Typed arrays are copied: the engine may hold them still.
 */
export interface Engine {
  /** What this browser offers, and what a run would use. */
  machine(): Machine;
  /** What the files are. Called again with all files whenever one is added or left out; none of them is read whole. */
  understand(files: readonly GivenFile[]): Understanding;
  /** Opens the cohort: reads, matches samples, residualises. Takes the place of the one before. */
  open(choice: CohortChoice): CohortView;
  /** The work of a job on the cohort that is open, before it starts. */
  plan(job: Job): WorkPlan;
  /** Runs a job to its end and opens its result; {@link Progress} comes by events. Its parts are kept, so that it can be taken up again. */
  run(job: Job): ResultView;
  /**
   * Ends what is in progress or waiting (a run, a plan, the opening of a cohort) at the next tile; it then fails with CancelledError, what is done
   * is kept. A plan also ends when another one, a run or another cohort is asked for.
   */
  cancel(): void;
  /** What is kept in this browser: runs that did not end, and results. */
  kept(): readonly KeptRun[];
  /** Goes on with a run that did not end: opens the cohort from the files that were kept with it, and runs what is missing. */
  resume(id: string): ResultView;
  /** Opens a result that was kept; what views read among `beside` is shown with it, where it was kept without. */
  reopen(id: string, beside?: readonly GivenFile[]): ResultView;
  /** Removes a run, its files and its result from this browser; it is ended first where it is running, and closed where it is open. */
  forget(id: string): void;
  /**
   * Opens the tables of a result of the command line: dropped files, or addresses below the page's own (`qortex view`). Gene models, a
   * recombination map, contexts and a GWAS among the files are shown with it; so is the open cohort where the manifest agrees that it is the result's.
   */
  openResult(files: readonly ResultFile[]): ResultView;
  /** Adds another cohort's result to compare with: forest plots. Returns all that are compared, the open one first. */
  compare(files: readonly ResultFile[]): readonly ComparedResult[];

  /**
   * One row a gene of the open result, in the order of its table. Of a map of interactions with several contexts the genes, points, pairs and all
   * else are those of `context`; of the first where none is given, or one that the result has not. Rows are those of the same context.
   */
  genes(context?: string): GeneColumns;
  /** The pairs of the open result for a Manhattan plot, at most `limit` (the strongest of each spot are kept), by genome position. */
  points(limit: number, context?: string): PointColumns;
  /** The seeded sample of pairs: QQ plot, lambda. */
  nullSample(context?: string): { readonly log10P: Float64Array; readonly lambda: number };
  /** All pairs of a gene that the result holds, in variant order. */
  pairs(gene: number, context?: string): PairColumns;
  /** Genotype and expression, sample by sample; undefined where no cohort is open. */
  values(pair: PairKey): SampleValues | undefined;
  /** r2 of `variant` with every variant of `others`, in the open cohort's samples; undefined where no cohort is open. */
  ld(variant: string, others: readonly string[]): Float64Array | undefined;
  /** Conditionally independent signals and credible sets of a gene: those of the result's tables, else computed from the cohort. */
  signals(gene: number, context?: string): GeneSignals | undefined;
  /** The pair's effect in each compared result, or why it has none; of maps of interactions that of `context`, or of the open one's first. */
  effects(pair: PairKey, context?: string): readonly CohortEffect[];
  /** Gene models, recombination and a GWAS of a stretch, of the files that were given. Of several GWAS the one of the name `gwas`, else the first. */
  region(region: Region, gwas?: string): RegionTracks;
  /** Loci of that GWAS that overlap tested windows, strongest first: what the colocalisation view lists. */
  gwasLoci(context?: string, gwas?: string): GwasLoci;
  /** Contexts of an interaction map or given with the cohort; and the pair's samples by context. */
  contexts(): readonly string[];
  interaction(pair: PairKey, context: string): InteractionValues | undefined;
  /** The modules of a network result. */
  modules(): ModuleColumns | undefined;
  /** A module's strongest edges, or the neighbours of a gene: what the network view draws, at most `limit` edges. */
  graph(of: GraphWanted, limit: number): NetworkGraph;
  /** A table of the result by name, as the command line would write it. */
  exportTable(table: string, format: "parquet" | "tsv"): Blob;
  /** The report of the open result; undefined where neither its folder nor a run in this page has made one. */
  report(): ResultReport | undefined;
}

/** A whole page, as the command line wrote it; or what is on it, whose plots the page draws (their `svg` is empty). */
export type ResultReport = { readonly html: Blob } | { readonly page: Illustrated };

export type EngineEvent =
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "message"; readonly message: Message };

export interface Progress {
  readonly phase: "reading" | "testing" | "writing";
  readonly done: number;
  readonly total: number;
  /** Pairs (or bytes, while reading) a second, over the last seconds; and seconds left by it. NaN before it is known. */
  readonly rate: number;
  readonly secondsLeft: number;
}

export interface Machine {
  /** As a GPU names itself; undefined without WebGPU. */
  readonly adapter?: { readonly description: string; readonly software: boolean } | undefined;
  readonly webgl: { readonly description: string; readonly software: boolean } | undefined;
  readonly threads: number;
  /** Whether threads may share memory (cross-origin isolation). */
  readonly isolated: boolean;
  /** What `auto` takes, and why, in one or two sentences with the browser's flags where a GPU is refused. */
  readonly chosen: BackendChoice;
  readonly why: string;
  /** Bytes this browser would keep for the page; 0 where it keeps nothing (then a reload loses the run). */
  readonly storage: number;
}

export type BackendChoice = "webgpu" | "webgl" | "wasm" | "reference";

export interface GivenFile {
  readonly name: string;
  readonly file: Blob;
  /** As the person has set it, where the guess was wrong. */
  readonly role?: FileRole | undefined;
}

export type FileRole =
  | "bed"
  | "bim"
  | "fam"
  | "vcf"
  | "vcf-index"
  /** Variants x samples in text, as MatrixEQTL has it, with where its variants lie and perhaps their alleles. */
  | "dosages"
  | "variant-positions"
  | "alleles"
  | "expression"
  | "gene-positions"
  | "covariates"
  | "context"
  | "sex"
  | "annotation"
  | "recombination"
  | "gwas"
  | "result"
  | "unknown";

export interface UnderstoodFile {
  readonly name: string;
  readonly role: FileRole;
  readonly bytes: number;
  /** `PLINK genotypes, 49,799 variants × 358 samples`. */
  readonly says: string;
  /** What is wrong with it, one line, and what to do. */
  readonly problem?: string | undefined;
}

export interface Understanding {
  readonly files: readonly UnderstoodFile[];
  /** Genome build by the lengths or positions met, where it can be told. */
  readonly build?: string | undefined;
  readonly samples?: { readonly genotypes: number; readonly expression: number; readonly matched: number };
  /** Samples that will be left out and why, one line each. */
  readonly dropped?: readonly string[];
  /** Whether a cohort can be opened; else what is missing, one line each. */
  readonly ready: boolean;
  readonly missing: readonly string[];
  /** The files that the cohort is made of. */
  readonly named: NamedFiles;
}

/** Names of a cohort's files, by the command line's options; of files that make up no cohort, some are absent. */
export interface NamedFiles {
  /** PLINK's .bed, a VCF, or a matrix in text. */
  readonly genotypes?: string | undefined;
  /** What the command line looks for beside the genotypes, by this name or not at all: a .bim, a .fam, a .tbi. */
  readonly beside?: readonly { readonly wanted: string; readonly name: string }[] | undefined;
  readonly variantPositions?: string | undefined;
  readonly alleles?: string | undefined;
  readonly expression?: string | undefined;
  readonly genePositions?: string | undefined;
  readonly annotation?: string | undefined;
  readonly covariates?: string | undefined;
  readonly sex?: string | undefined;
}

export interface CohortChoice {
  readonly files: readonly GivenFile[];
  readonly maf: number;
  /** Expression as it is, or inverse-normal. */
  readonly transform: "none" | "inverse-normal";
}

export interface CohortView {
  readonly samples: number;
  readonly genes: number;
  readonly variants: number;
  readonly covariates: number;
  readonly degreesOfFreedom: number;
  /** What is left out and why, one line each. */
  readonly dropped: readonly string[];
  readonly messages: readonly Message[];
  readonly chromosomes: readonly string[];
}

export type Job = CisJob | TransJob | NetworkJob;

interface CommonJob {
  /** `auto` never takes a GPU made of software; a software one that is asked for by name is taken. */
  readonly backend: BackendChoice | "auto";
  readonly threads?: number | undefined;
  readonly seed: number;
}

export interface CisJob extends CommonJob {
  readonly kind: "cis";
  readonly window: number;
  /** 0: none. */
  readonly permutations: number;
}

export interface TransJob extends CommonJob {
  readonly kind: "trans";
  readonly pValue: number;
  readonly distance: number;
}

export interface NetworkJob extends CommonJob {
  readonly kind: "network";
  readonly type: "unsigned" | "signed" | "signed-hybrid";
  /** undefined: chosen by the scale-free fit. */
  readonly power?: number | undefined;
  readonly minModuleSize: number;
}

/** Measured on a slice of the work itself, so that what is shown is this machine's. */
export interface WorkPlan {
  readonly pairs: number;
  /** Pairs times permutations. */
  readonly permutedPairs: number;
  readonly seconds: number;
  /** Of memory at the peak, and of the result in storage. */
  readonly bytes: number;
  readonly resultBytes: number;
  /** `Using WebAssembly SIMD, 2 threads`. */
  readonly using: string;
  readonly warnings: readonly string[];
}

export interface KeptRun {
  readonly id: string;
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly bytes: number;
  /** Undefined of a damaged one; `filters`: how its cohort was opened. */
  readonly job: Job | undefined;
  readonly filters: Omit<CohortChoice, "files"> | undefined;
  /** `damaged`: its record cannot be read, so that it cannot be gone on with. */
  readonly state: "done" | "unfinished" | "damaged";
  /** 0 to 1; of a damaged one 1 where its result is whole and can be opened, else 0. */
  readonly share: number;
}

/** A dropped file, or one that the page's own server has. */
export type ResultFile = GivenFile | { readonly name: string; readonly url: string };

export interface ResultView {
  readonly id: string;
  readonly kind: "cis" | "trans" | "network";
  readonly title: string;
  /** A sentence: `Of 608 genes tested in 358 samples, 223 are associated ...`. */
  readonly lede: string;
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly bytes: number }[];
  /** Of a map of one kind of tests: one of interactions has counts for each context. */
  readonly counts?: MapCounts | undefined;
  /** NaN of a map of interactions, which has one for each context. */
  readonly lambda: number;
  readonly samples: number;
  readonly significantQ: number;
  /** Whether `values`, `ld` and `signals` can be computed. */
  readonly cohort: boolean;
  /** Names of the GWAS files that are shown beside it. */
  readonly gwas: readonly string[];
  readonly layout: readonly ChromosomeSpan[];
  readonly messages: readonly Message[];
  /** As manifest.json. */
  readonly manifest: unknown;
}
