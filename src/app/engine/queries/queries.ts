import type { Backend } from "../../../compute/backend.ts";
import type {
  ChromosomeSpan,
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
} from "../answers.ts";
import type { OpenResult } from "../result.ts";
import { layoutOf } from "./axis.ts";
import { Connections, networkRule } from "./connections.ts";
import { SampleContexts } from "./contexts.ts";
import { genesOf } from "./genes.ts";
import { graphOf, modulesOf } from "./network.ts";
import { nullSampleOf } from "./nullSample.ts";
import { GenePairs } from "./pairs.ts";
import { pointsOf } from "./points.ts";
import { CohortSamples } from "./samples.ts";
import { SideTracks } from "./sideTracks.ts";
import { signalsOf } from "./signalsOf.ts";
import { ResultTables } from "./tables.ts";

/**
 * All that is asked of an open result (../protocol.ts). Holds the table of genes, footers of the tables that were read with a row group of each
 * column, and the answers of the last few genes.
 */
export class ResultQueries {
  readonly tables: ResultTables;
  readonly #result: OpenResult;
  readonly #samples: CohortSamples | undefined;
  /** Of each context that was asked for; `undefined` is the first, or the one of results without. */
  readonly #genes = new Map<string | undefined, Promise<GeneColumns>>();
  #layout: Promise<readonly ChromosomeSpan[]> | undefined;
  readonly #pairs = new WeakMap<GeneColumns, GenePairs>();
  #modules: Promise<ModuleColumns | undefined> | undefined;
  #connections: Connections | undefined;
  readonly #tracks: SideTracks;
  readonly #contexts: SampleContexts;

  constructor(result: OpenResult) {
    this.#tracks = new SideTracks(result.sides);
    this.#contexts = new SampleContexts(result.sides.contexts);
    this.#result = result;
    this.tables = new ResultTables(result.tables);
    this.#samples = result.cohort && new CohortSamples(result.cohort);
  }

  /** Of `ResultView.layout`. */
  layout(): Promise<readonly ChromosomeSpan[]> {
    this.#layout ??= layoutOf(this.#result, this.tables);
    return this.#layout;
  }

  /** A copy: it is handed over. */
  async genes(context?: string): Promise<GeneColumns> {
    return structuredClone(await this.#geneColumns(context));
  }

  async points(limit: number, context?: string): Promise<PointColumns> {
    const { kind } = this.#result;
    const genes = await this.#geneColumns(context);
    return pointsOf({ tables: this.tables, kind, genes, layout: await this.layout(), limit });
  }

  nullSample(context?: string): Promise<{ readonly log10P: Float64Array; readonly lambda: number }> {
    return nullSampleOf(this.tables, context);
  }

  async pairs(gene: number, context?: string): Promise<PairColumns> {
    const genes = await this.#geneColumns(context);
    const pairs = this.#pairs.get(genes) ?? new GenePairs(this.tables, this.#result.kind, genes);
    this.#pairs.set(genes, pairs);
    return pairs.of(gene);
  }

  async values(pair: PairKey): Promise<SampleValues | undefined> {
    return this.#samples?.values(pair);
  }

  async ld(variant: string, others: readonly string[]): Promise<Float64Array | undefined> {
    return this.#samples?.ld(variant, others);
  }

  /** `backend` works on this thread: one gene is little. */
  async signals(
    row: number,
    backend: () => Promise<Backend>,
    context?: string,
  ): Promise<GeneSignals | undefined> {
    const { cohort, kind } = this.#result;
    const [genes, pairs] = [await this.#geneColumns(context), await this.pairs(row, context)];
    return signalsOf({
      ...{ tables: this.tables, kind, genes, pairs, row },
      ...{ cohort, window: this.#window(), fdr: this.#option("fdr", 0.05), backend },
    });
  }

  async region(region: Region, gwas?: string): Promise<RegionTracks> {
    return this.#tracks.region(region, await this.#geneColumns(), gwas);
  }

  async gwasLoci(context?: string, gwas?: string): Promise<GwasLoci> {
    const check = this.#result.kind === "cis";
    return this.#tracks.loci(await this.#geneColumns(context), { window: this.#window(), check }, gwas);
  }

  async contexts(): Promise<readonly string[]> {
    const samples = this.#result.cohort?.samples;
    return samples === undefined ? [] : this.#contexts.names(samples);
  }

  async interaction(pair: PairKey, context: string): Promise<InteractionValues | undefined> {
    const values = await this.values(pair);
    return values && this.#contexts.of(values, context);
  }

  /** A copy: it is handed over. */
  async modules(): Promise<ModuleColumns | undefined> {
    return structuredClone(await this.#moduleColumns());
  }

  async graph(of: GraphWanted, limit: number): Promise<NetworkGraph> {
    const { cohort, manifest } = this.#result;
    this.#connections ??= cohort && new Connections(cohort);
    const [modules, connections] = [await this.#moduleColumns(), this.#connections];
    const facts = { modules, connections, rule: networkRule(manifest), samples: cohort?.samples.length ?? 0 };
    return graphOf(facts, of, limit);
  }

  /** Base pairs that windows reach beyond genes. */
  #window(): number {
    return this.#option("window", 1_000_000);
  }

  /** A number of the run's options. */
  #option(name: string, otherwise: number): number {
    const value = this.#result.manifest.options?.[name];
    return typeof value === "number" ? value : otherwise;
  }

  #moduleColumns(): Promise<ModuleColumns | undefined> {
    this.#modules ??= this.#result.kind === "network" ? modulesOf(this.tables) : Promise.resolve(undefined);
    return this.#modules;
  }

  /** Of a context that the result has not, as an address may name one, those of the first. */
  async #geneColumns(context?: string): Promise<GeneColumns> {
    const first = this.#genes.get(undefined) ?? genesOf(this.tables, this.#result.kind);
    this.#genes.set(undefined, first);
    if (context === undefined) return first;
    const { contexts, context: own } = await first;
    if (context === own || contexts?.includes(context) !== true) return first;
    const other = this.#genes.get(context) ?? genesOf(this.tables, this.#result.kind, context);
    this.#genes.set(context, other);
    return other;
  }
}
