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
  #genes: Promise<GeneColumns> | undefined;
  #layout: Promise<readonly ChromosomeSpan[]> | undefined;
  #pairs: GenePairs | undefined;
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
  async genes(): Promise<GeneColumns> {
    return structuredClone(await this.#geneColumns());
  }

  async points(limit: number): Promise<PointColumns> {
    const { kind } = this.#result;
    const genes = await this.#geneColumns();
    return pointsOf({ tables: this.tables, kind, genes, layout: await this.layout(), limit });
  }

  nullSample(): Promise<{ readonly log10P: Float64Array; readonly lambda: number }> {
    return nullSampleOf(this.tables);
  }

  async pairs(gene: number): Promise<PairColumns> {
    this.#pairs ??= new GenePairs(this.tables, this.#result.kind, await this.#geneColumns());
    return this.#pairs.of(gene);
  }

  async values(pair: PairKey): Promise<SampleValues | undefined> {
    return this.#samples?.values(pair);
  }

  async ld(variant: string, others: readonly string[]): Promise<Float64Array | undefined> {
    return this.#samples?.ld(variant, others);
  }

  /** `backend` works on this thread: one gene is little. */
  async signals(row: number, backend: () => Promise<Backend>): Promise<GeneSignals | undefined> {
    const { cohort, kind } = this.#result;
    return signalsOf({
      ...{ tables: this.tables, kind, genes: await this.#geneColumns(), pairs: await this.pairs(row), row },
      ...{ cohort, window: this.#window(), fdr: this.#option("fdr", 0.05), backend },
    });
  }

  async region(region: Region): Promise<RegionTracks> {
    return this.#tracks.region(region, await this.#geneColumns());
  }

  async gwasLoci(): Promise<GwasLoci> {
    const check = this.#result.kind === "cis";
    return this.#tracks.loci(await this.#geneColumns(), { window: this.#window(), check });
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

  #geneColumns(): Promise<GeneColumns> {
    this.#genes ??= genesOf(this.tables, this.#result.kind);
    return this.#genes;
  }
}
