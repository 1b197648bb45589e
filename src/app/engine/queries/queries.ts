import type {
  ChromosomeSpan,
  GeneColumns,
  PairColumns,
  PairKey,
  PointColumns,
  SampleValues,
} from "../answers.ts";
import type { OpenResult } from "../result.ts";
import { layoutOf } from "./axis.ts";
import { genesOf } from "./genes.ts";
import { nullSampleOf } from "./nullSample.ts";
import { GenePairs } from "./pairs.ts";
import { pointsOf } from "./points.ts";
import { CohortSamples } from "./samples.ts";
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

  constructor(result: OpenResult) {
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

  #geneColumns(): Promise<GeneColumns> {
    this.#genes ??= genesOf(this.tables, this.#result.kind);
    return this.#genes;
  }
}
