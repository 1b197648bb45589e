import { readContexts } from "../../../formats/contexts.ts";
import { parseDecimal } from "../../../formats/numbers.ts";
import type { ByteSource } from "../../../formats/source.ts";
import type { CovariateTable } from "../../../formats/tables.ts";
import { inflateInPage } from "../../inflate.ts";
import type { InteractionValues, SampleValues } from "../answers.ts";

/** The contexts of samples that were given beside the cohort. */
export class SampleContexts {
  readonly #source: ByteSource | undefined;
  #table: Promise<CovariateTable> | undefined;

  constructor(source: ByteSource | undefined) {
    this.#source = source;
  }

  async names(samples: readonly string[]): Promise<readonly string[]> {
    return (await this.#read(samples))?.covariates ?? [];
  }

  /** `values` with each sample's context; NaN where the file lacks the sample, or its cell is no number. */
  async of(values: SampleValues, context: string): Promise<InteractionValues | undefined> {
    const table = await this.#read(values.samples);
    const at = table?.covariates.indexOf(context) ?? -1;
    if (table === undefined || at < 0) return undefined;
    const cells = new Map(table.samples.map((sample, s) => [sample, table.cells[at]![s]!]));
    return {
      ...values,
      context: Float64Array.from(values.samples, (sample) => parseDecimal(cells.get(sample) ?? "")),
    };
  }

  async #read(samples: readonly string[]): Promise<CovariateTable | undefined> {
    if (this.#source === undefined) return undefined;
    this.#table ??= readContexts(this.#source, inflateInPage, new Set(samples));
    return this.#table;
  }
}
