import type { Backend } from "../../../compute/backend.ts";
import type {
  ChromosomeSpan,
  GeneColumns,
  GeneSignals,
  GwasLocus,
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
    const { options = {} } = this.#result.manifest;
    const number = (name: string, otherwise: number): number => {
      const value = options[name];
      return typeof value === "number" ? value : otherwise;
    };
    return signalsOf({
      ...{ tables: this.tables, genes: await this.#geneColumns(), pairs: await this.pairs(row), row },
      ...{
        cohort: this.#result.cohort,
        window: number("window", 1_000_000),
        fdr: number("fdr", 0.05),
        backend,
      },
    });
  }

  async region(region: Region): Promise<RegionTracks> {
    return this.#tracks.region(region, await this.#geneColumns());
  }

  async gwasLoci(): Promise<readonly GwasLocus[]> {
    return this.#tracks.loci(await this.#geneColumns());
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

  async graph(
    of: { readonly module: number } | { readonly gene: string },
    limit: number,
  ): Promise<NetworkGraph> {
    return graphOf(await this.#moduleColumns(), this.#result.cohort, of, limit);
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
