import { InputError } from "../../../errors.ts";
import type { ColumnTable, RowRange } from "../../../formats/parquetColumns.ts";
import type { GeneColumns, PairColumns } from "../answers.ts";
import type { ResultKind } from "../result.ts";
import { integersOf, log10POf, numbersOf, type ResultTables, SLOPE, SLOPE_SE, textsOf } from "./tables.ts";

/** A table whose genes are stretches of rows, no more than this many a gene, is indexed by them; another is searched each time. */
const RUNS_PER_GENE = 4;

/** Finds the rows of a gene in a table of pairs. Holds the stretches of rows of each gene at most. */
export class PairRows {
  readonly table: ColumnTable;
  readonly #genes: GeneColumns;
  /** Where the counts of {@link GeneColumns.numVariants} would put each gene's rows; undefined where they are not those of the table. */
  readonly #counted: Float64Array | undefined;
  #runs: Promise<ReadonlyMap<string, readonly RowRange[]> | undefined> | undefined;

  constructor(table: ColumnTable, genes: GeneColumns) {
    this.table = table;
    this.#genes = genes;
    const from = new Float64Array(genes.id.length + 1);
    genes.numVariants.forEach((count, g) => {
      from[g + 1] = from[g]! + count;
    });
    this.#counted = from[genes.id.length] === table.rows ? from : undefined;
  }

  /** Of row `gene` of the genes, ascending. */
  async of(gene: number): Promise<readonly RowRange[]> {
    const id = this.#genes.id[gene]!;
    const counted = await this.#byCounts(gene, id);
    if (counted !== undefined) return counted;
    this.#runs ??= this.#index();
    const runs = await this.#runs;
    return runs === undefined ? this.#search(id) : (runs.get(id) ?? []);
  }

  /** Where the table holds every pair in the genes' order: checked against the ids at both ends, and just outside. */
  async #byCounts(gene: number, id: string): Promise<readonly RowRange[] | undefined> {
    if (this.#counted === undefined) return undefined;
    const [start, end] = [this.#counted[gene]!, this.#counted[gene + 1]!];
    if (start === end) return [];
    const ids = await this.table.texts("phenotype_id", {
      start: Math.max(0, start - 1),
      end: Math.min(this.table.rows, end + 1),
    });
    const own = ids.filter((one) => one === id).length;
    return own === end - start && ids[start === 0 ? 0 : 1] === id ? [{ start, end }] : undefined;
  }

  async #index(): Promise<ReadonlyMap<string, readonly RowRange[]> | undefined> {
    const runs = new Map<string, RowRange[]>();
    let count = 0;
    for (const rows of this.table.groups) {
      for (const [id, run] of runsOf(await this.table.texts("phenotype_id", rows), rows.start)) {
        const known = runs.get(id);
        const last = known?.at(-1);
        if (last?.end === run.start) known!.splice(-1, 1, { start: last.start, end: run.end });
        else if (known !== undefined) known.push(run);
        else runs.set(id, [run]);
        if (last?.end !== run.start) count++;
      }
      if (count > RUNS_PER_GENE * Math.max(1000, this.#genes.id.length)) return undefined;
    }
    return runs;
  }

  async #search(id: string): Promise<RowRange[]> {
    const found: RowRange[] = [];
    for (const rows of this.table.groups) {
      for (const [own, run] of runsOf(await this.table.texts("phenotype_id", rows), rows.start)) {
        if (own === id) found.push(run);
      }
    }
    return found;
  }
}

function* runsOf(ids: readonly string[], first: number): Generator<[string, RowRange]> {
  for (let from = 0; from < ids.length; ) {
    let to = from + 1;
    while (to < ids.length && ids[to] === ids[from]) to++;
    yield [ids[from]!, { start: first + from, end: first + to }];
    from = to;
  }
}

/** The pairs of the genes of a result, one gene at a time; the last few are kept. */
export class GenePairs {
  readonly #tables: ResultTables;
  readonly #kind: ResultKind;
  readonly #genes: GeneColumns;
  #rows: Promise<PairRows | undefined> | undefined;
  readonly #kept = new Map<number, PairColumns>();

  constructor(tables: ResultTables, kind: ResultKind, genes: GeneColumns) {
    this.#tables = tables;
    this.#kind = kind;
    this.#genes = genes;
  }

  /**
   * All pairs of row `gene` that the result holds, in the table's order: of a result that has no table of all pairs the significant ones, and
   * without any the lead alone. Throws InputError for a row that is not there.
   */
  async of(gene: number): Promise<PairColumns> {
    if (!(gene >= 0 && gene < this.#genes.id.length))
      throw new InputError("genes", `there is no gene ${gene} among ${this.#genes.id.length}`);
    const known = this.#kept.get(gene);
    if (known !== undefined) return structuredClone(known);
    const pairs = await this.#read(gene);
    this.#kept.set(gene, pairs);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    // The answer has arrays of its own: they are handed over, and then gone here.
    return structuredClone(pairs);
  }

  async #read(gene: number): Promise<PairColumns> {
    this.#rows ??= this.#open();
    const rows = await this.#rows;
    if (rows === undefined) return leadOf(this.#genes, this.#kind, gene);
    const runs = await rows.of(gene);
    const { table } = rows;
    const significant = table.columns.includes("pval_nominal_threshold_corrected");
    if (runs.length === 0 && significant) return leadOf(this.#genes, this.#kind, gene);
    const context = this.#genes.context;
    return joined(await Promise.all(inGroups(table, runs).map((own) => readPairs(table, own, context))));
  }

  async #open(): Promise<PairRows | undefined> {
    const kind = this.#kind;
    const table = await this.#tables.first([`${kind}_pairs`, `${kind}_interaction_pairs`, "cis_significant"]);
    return table && new PairRows(table, this.#genes);
  }
}

const KEPT = 8;

/** Runs of the same row group, from the first to the last row: one read, of which the rows of other genes are left out. */
interface GroupRows {
  readonly span: RowRange;
  readonly runs: readonly RowRange[];
}

function inGroups(table: ColumnTable, runs: readonly RowRange[]): GroupRows[] {
  return table.groups.flatMap((group) => {
    const own = runs
      .map(({ start, end }) => ({ start: Math.max(start, group.start), end: Math.min(end, group.end) }))
      .filter(({ start, end }) => start < end);
    return own.length === 0 ? [] : [{ span: { start: own[0]!.start, end: own.at(-1)!.end }, runs: own }];
  });
}

/** The rows of one context alone where the table has several. */
async function readPairs(
  table: ColumnTable,
  { span, runs }: GroupRows,
  context: string | undefined,
): Promise<PairColumns> {
  const all = runs.flatMap(({ start, end }) =>
    Array.from({ length: end - start }, (_, i) => start + i - span.start),
  );
  const contexts = context === undefined ? undefined : await textsOf(table, ["context"], span);
  const kept = contexts === undefined ? all : all.filter((row) => contexts[row] === context);
  const texts = async (name: string): Promise<string[]> => {
    const cells = await textsOf(table, [name], span);
    return kept.map((row) => cells[row]!);
  };
  const numbers = (values: Float64Array): Float64Array => Float64Array.from(kept, (row) => values[row]!);
  const position = await integersOf(table, ["position"], span);
  return {
    variant: await texts("variant_id"),
    chromosome: await texts("chromosome"),
    position: Int32Array.from(kept, (row) => position[row]!),
    effectAllele: await texts("effect_allele"),
    otherAllele: await texts("other_allele"),
    af: numbers(await numbersOf(table, ["af"], span)),
    slope: numbers(await numbersOf(table, SLOPE, span)),
    slopeSe: numbers(await numbersOf(table, SLOPE_SE, span)),
    log10P: numbers(await log10POf(table, span)),
  };
}

function joined(parts: readonly PairColumns[]): PairColumns {
  const floats = (of: (part: PairColumns) => Float64Array): Float64Array =>
    Float64Array.from(parts.flatMap((part) => Array.from(of(part))));
  return {
    variant: parts.flatMap(({ variant }) => variant),
    chromosome: parts.flatMap(({ chromosome }) => chromosome),
    position: Int32Array.from(parts.flatMap(({ position }) => Array.from(position))),
    effectAllele: parts.flatMap(({ effectAllele }) => effectAllele),
    otherAllele: parts.flatMap(({ otherAllele }) => otherAllele),
    af: floats(({ af }) => af),
    slope: floats(({ slope }) => slope),
    slopeSe: floats(({ slopeSe }) => slopeSe),
    log10P: floats(({ log10P }) => log10P),
  };
}

/** The gene's lead, of its row; nothing where it has none. */
function leadOf(genes: GeneColumns, kind: ResultKind, gene: number): PairColumns {
  if (genes.variant[gene] === "") return joined([]);
  return {
    variant: [genes.variant[gene]!],
    // Trans tables do not say where their leads are; they always have their pairs beside them.
    chromosome: [kind === "cis" ? genes.chromosome[gene]! : ""],
    position: Int32Array.of(genes.position[gene]!),
    effectAllele: [genes.effectAllele[gene]!],
    otherAllele: [genes.otherAllele[gene]!],
    af: Float64Array.of(genes.af[gene]!),
    slope: Float64Array.of(genes.slope[gene]!),
    slopeSe: Float64Array.of(genes.slopeSe[gene]!),
    log10P: Float64Array.of(genes.log10P[gene]!),
  };
}
