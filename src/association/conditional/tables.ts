import type { Column, SchemaColumn, TableSchema, TableWriter } from "../../formats/table.ts";
import { pow10 } from "../../statistics/elementary.ts";
import { NO_INTEGER } from "../output.ts";
import { type Grouping, membersOf } from "../permutation/groups.ts";
import type { GeneTable } from "../tables.ts";
import type { GeneSignals, Signal, SignalTest } from "./signal.ts";

const text = (name: string): SchemaColumn => ({ name, type: "string" });
const double = (name: string): SchemaColumn => ({ name, type: "double" });
const int32 = (name: string): SchemaColumn => ({ name, type: "int32" });
const strings = (name: string, values: readonly string[]): Column => ({ name, type: "string", values });
const doubles = (name: string, values: Float64Array): Column => ({ name, type: "double", values });
const integers = (name: string, values: ArrayLike<number>): Column => ({
  ...{ name, type: "int32", missing: NO_INTEGER },
  values: Int32Array.from(values, (value) => (Number.isNaN(value) ? NO_INTEGER : value)),
});

const GENES = [text("phenotype_id"), text("status"), int32("num_forward"), int32("num_signals")];
/** Where phenotypes are grouped. */
const GROUP = [text("group_id"), int32("group_size")];

/** The doubles of a signal's test, by their names in tensorQTL's table. */
const PERMUTED: readonly [string, (test: SignalTest) => number][] = [
  ["beta_shape1", ({ shape1 }) => shape1],
  ["beta_shape2", ({ shape2 }) => shape2],
  ["true_df", ({ trueDf }) => trueDf],
  ["pval_true_df", ({ pTrueDf }) => pTrueDf],
];
const TESTED: readonly [string, (test: SignalTest) => number][] = [
  ["pval_nominal", ({ p }) => p],
  ["slope", ({ slope }) => slope],
  ["slope_se", ({ slopeSe }) => slopeSe],
  ["pval_perm", ({ pPerm }) => pPerm],
  ["pval_beta", ({ pBeta }) => pBeta],
];
/** What we write behind tensorQTL's columns. */
const ADDED: readonly [string, (test: SignalTest) => number][] = [
  ["log10_p", ({ log10P }) => log10P],
  ["log10_p_beta", ({ log10PBeta }) => log10PBeta],
];
const named = (list: typeof PERMUTED): SchemaColumn[] => list.map(([name]) => double(name));

const signalColumns = (group: readonly SchemaColumn[]): SchemaColumn[] => [
  ...[text("phenotype_id"), int32("num_var"), ...named(PERMUTED), text("variant_id")],
  ...[int32("start_distance"), int32("end_distance"), int32("ma_samples"), int32("ma_count"), double("af")],
  ...[...named(TESTED), ...group, int32("rank"), int32("num_perm"), ...named(ADDED)],
  ...[text("chromosome"), int32("position"), text("effect_allele"), text("other_allele")],
];
const conditionalColumns = (group: readonly SchemaColumn[]): SchemaColumn[] => [
  ...[text("phenotype_id"), ...group.slice(0, 1), int32("rank"), text("variant_id"), double("af")],
  ...[double("slope"), double("slope_se"), double("pval_nominal"), double("log10_p")],
  ...[text("chromosome"), int32("position"), text("effect_allele"), text("other_allele")],
];

/** The tables of a search for signals in the making; holds one gene. */
export class SignalTables {
  readonly #genes: GeneTable;
  readonly #writers: readonly TableWriter[];
  readonly #grouping: Grouping | undefined;
  /** Phenotypes of each group. */
  readonly #sizes: Uint32Array;

  private constructor(genes: GeneTable, writers: readonly TableWriter[], grouping: Grouping | undefined) {
    this.#genes = genes;
    this.#writers = writers;
    this.#grouping = grouping;
    this.#sizes = grouping === undefined ? new Uint32Array(0) : membersOf(grouping, genes.id.keys());
  }

  static async open(
    genes: GeneTable,
    table: (name: string, schema: TableSchema) => Promise<TableWriter>,
    own: Readonly<Record<string, string>>,
    grouping?: Grouping,
  ): Promise<SignalTables> {
    const group = grouping === undefined ? [] : GROUP;
    const metadata = {
      slope:
        "change of expression, in its own units, per copy of effect_allele, the other signals of the gene given",
      rank: "place of the signal in the forward selection",
      ...own,
    };
    const writers: TableWriter[] = [];
    for (const [name, columns] of [
      ["independent_genes", [...GENES, ...group]],
      ["cis_independent", signalColumns(group)],
      ["cis_conditional", conditionalColumns(group)],
    ] as const) {
      writers.push(await table(name, { columns, metadata }));
    }
    return new SignalTables(genes, writers, grouping);
  }

  async write(one: GeneSignals): Promise<void> {
    const [genes, signals, conditional] = this.#writers;
    const id = this.#genes.id[one.gene]!;
    await genes!.write([
      ...[strings("phenotype_id", [id]), strings("status", [one.status])],
      ...[integers("num_forward", [one.forward]), integers("num_signals", [one.signals.length])],
      ...this.#group(one.gene, 1),
    ]);
    if (one.signals.length === 0) return;
    await signals!.write(this.#signalRows(one.signals));
    for (const signal of one.signals) {
      const [group] = this.#group(signal.gene, signal.variants.id.length);
      await conditional!.write(conditionalRows(this.#genes.id[signal.gene]!, signal, group));
    }
  }

  /** The group of a phenotype and its size, on `rows` rows; nothing where phenotypes are not grouped. */
  #group(gene: number, rows: number): Column[] {
    if (this.#grouping === undefined) return [];
    const { id, of } = this.#grouping;
    const group = of[gene]!;
    return [
      strings("group_id", new Array<string>(rows).fill(id[group]!)),
      integers("group_size", new Array<number>(rows).fill(this.#sizes[group]!)),
    ];
  }

  async close(): Promise<void> {
    for (const writer of this.#writers) await writer.close();
  }

  #signalRows(signals: readonly Signal[]): Column[] {
    const { id, start, end } = this.#genes;
    const whole = (name: string, value: (one: Signal) => number): Column =>
      integers(name, signals.map(value));
    const texts = (name: string, value: (one: Signal) => string): Column => strings(name, signals.map(value));
    const tests = (list: typeof PERMUTED): Column[] =>
      list.map(([name, value]) =>
        doubles(
          name,
          Float64Array.from(signals, ({ test }) => value(test)),
        ),
      );
    const position = ({ variants, row }: Signal): number => variants.position[row]!;
    return [
      texts("phenotype_id", ({ gene }) => id[gene]!),
      whole("num_var", ({ test }) => test.numVar),
      ...tests(PERMUTED),
      texts("variant_id", ({ variants, row }) => variants.id[row]!),
      whole("start_distance", (one) => position(one) - start[one.gene]!),
      whole("end_distance", (one) => position(one) - end[one.gene]!),
      whole("ma_samples", ({ variants, row }) => variants.maSamples[row]!),
      whole("ma_count", ({ variants, row }) => variants.maCount[row]!),
      doubles(
        "af",
        Float64Array.from(signals, ({ variants, row }) => variants.af[row]!),
      ),
      ...tests(TESTED),
      ...this.#group(signals[0]!.gene, signals.length),
      whole("rank", ({ rank }) => rank),
      whole("num_perm", ({ test }) => test.numPerm),
      ...tests(ADDED),
      texts("chromosome", ({ variants, row }) => variants.chromosome[row]!),
      whole("position", position),
      texts("effect_allele", ({ variants, row }) => variants.effectAllele[row]!),
      texts("other_allele", ({ variants, row }) => variants.otherAllele[row]!),
    ];
  }
}

/** All variants of the window, the other signals given. */
function conditionalRows(
  id: string,
  { rank, variants, conditional }: Signal,
  group: Column | undefined,
): Column[] {
  const { slope, slopeSe, log10P } = conditional;
  const all = variants.id;
  return [
    strings(
      "phenotype_id",
      all.map(() => id),
    ),
    ...(group === undefined ? [] : [group]),
    integers(
      "rank",
      all.map(() => rank),
    ),
    ...[strings("variant_id", all), doubles("af", variants.af)],
    ...[doubles("slope", slope), doubles("slope_se", slopeSe)],
    ...[doubles("pval_nominal", log10P.map(pow10)), doubles("log10_p", log10P)],
    ...[strings("chromosome", variants.chromosome), integers("position", variants.position)],
    ...[strings("effect_allele", variants.effectAllele), strings("other_allele", variants.otherAllele)],
  ];
}
