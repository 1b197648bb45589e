import type { VariantTable } from "../association/tables.ts";
import type { Cohort } from "../cohort/cohort.ts";
import type { Column, SchemaColumn, TableSchema, TableWriter } from "../formats/table.ts";
import { LOG10_E, pow10 } from "../statistics/elementary.ts";
import { NO_EFFECT } from "../statistics/susie.ts";
import { type GeneFinemap, residualDeviation, switchedIn } from "./finemap.ts";

const text = (name: string): SchemaColumn => ({ name, type: "string" });
const double = (name: string): SchemaColumn => ({ name, type: "double" });
const int32 = (name: string): SchemaColumn => ({ name, type: "int32" });
const strings = (name: string, values: readonly string[]): Column => ({ name, type: "string", values });
const doubles = (name: string, values: Float64Array): Column => ({ name, type: "double", values });
const integers = (name: string, values: Int32Array): Column => ({ name, type: "int32", values });

const VARIANT = [text("variant_id"), text("chromosome"), int32("position"), text("effect_allele")].concat([
  text("other_allele"),
  double("af"),
]);

const GENES: readonly SchemaColumn[] = [
  ...[text("phenotype_id"), text("status"), int32("num_var"), int32("num_obs"), double("sd_y")],
  ...[
    int32("num_effects"),
    int32("num_cs"),
    int32("iterations"),
    double("elbo"),
    double("residual_variance"),
    int32("num_cs_impure"),
  ],
];
/** With summary statistics: how they fit the LD. */
const GENES_CHECKED = [double("ld_lambda"), int32("num_switched")];
const VARIANTS_CHECKED = ["z", "z_expected", "z_deviation", "log_lr_switched"].map(double);
const SETS: readonly SchemaColumn[] = [
  ...[text("phenotype_id"), text("cs_id"), int32("size"), double("coverage"), double("min_abs_corr")],
  ...[double("mean_abs_corr"), double("log10_bf"), text("lead_variant_id"), double("lead_probability")],
];
const MEMBERS: readonly SchemaColumn[] = [
  ...[text("phenotype_id"), text("cs_id"), ...VARIANT, double("pip"), double("probability")],
  ...[double("posterior_mean"), double("posterior_sd")],
];

/** `finemap_variants`: `lbf_variable1` to `lbf_variableL`, as the eQTL Catalogue and coloc name them. */
function variantsSchema(effects: number, summary: boolean): readonly SchemaColumn[] {
  const lbf = Array.from({ length: effects }, (_, l) => double(`lbf_variable${l + 1}`));
  return [
    ...[text("phenotype_id"), ...VARIANT, double("pval_nominal"), double("slope"), double("slope_se")],
    ...[double("log10_p"), double("pip"), ...(summary ? VARIANTS_CHECKED : []), ...lbf],
  ];
}

const CHECK_CONVENTIONS = {
  ld_lambda: "share of the LD that does not fit the statistics (s of susieR's estimate_s_rss); 0: it fits",
  z: "the score as it is fitted, z sqrt((n - 1) / (z^2 + n - 2))",
  log_lr_switched:
    "natural log of the likelihood of -z over that of z given all others (susieR's kriging_rss)",
};

export interface FinemapTableOptions {
  readonly table: (name: string, schema: TableSchema) => Promise<TableWriter>;
  readonly effects: number;
  /** With associations from elsewhere: slopes are in standard deviations of expression. */
  readonly summary: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The tables of a fine-mapping in the making; holds one gene. */
export class FinemapTables {
  private readonly cohort: Cohort;
  private readonly options: FinemapTableOptions;
  private readonly writers: readonly TableWriter[];

  private constructor(cohort: Cohort, options: FinemapTableOptions, writers: readonly TableWriter[]) {
    this.cohort = cohort;
    this.options = options;
    this.writers = writers;
  }

  static async open(cohort: Cohort, options: FinemapTableOptions): Promise<FinemapTables> {
    const conventions = {
      slope: options.summary
        ? "in standard deviations of expression (summary statistics) per copy of effect_allele"
        : "change of expression, in its own units, per copy of effect_allele",
      sd_y: "standard deviation of expression beside the covariates, over num_obs observations",
      num_obs: options.summary
        ? "people behind the statistics (the median over variants)"
        : "samples less the covariates projected out",
      ...(options.summary && CHECK_CONVENTIONS),
      lbf_variable: "natural log of the Bayes factor of the variant in each effect",
    };
    const metadata = { ...conventions, ...options.metadata };
    const names: [string, readonly SchemaColumn[]][] = [
      ["finemap_genes", options.summary ? [...GENES, ...GENES_CHECKED] : GENES],
      ["finemap_sets", SETS],
      ["finemap_members", MEMBERS],
      ["finemap_variants", variantsSchema(options.effects, options.summary)],
    ];
    const writers: TableWriter[] = [];
    for (const [name, columns] of names) writers.push(await options.table(name, { columns, metadata }));
    return new FinemapTables(cohort, options, writers);
  }

  async write(one: GeneFinemap): Promise<void> {
    const [genes, sets, members, variants] = this.writers;
    await genes!.write(this.geneRow(one));
    if (one.fit === undefined) return;
    if (one.sets.length > 0) {
      await sets!.write(this.setRows(one));
      await members!.write(this.memberRows(one));
    }
    await variants!.write(this.variantRows(one));
  }

  async close(): Promise<void> {
    for (const writer of this.writers) await writer.close();
  }

  private geneRow(found: GeneFinemap): Column[] {
    const { gene, status, variants, fit, sets, check } = found;
    const one = (value: number): Float64Array => Float64Array.of(value);
    const whole = (value: number): Int32Array => Int32Array.of(value);
    const effects = fit?.priorVariance.reduce((sum, value) => sum + (value > NO_EFFECT ? 1 : 0), 0) ?? 0;
    const deviation = this.options.summary ? 1 : residualDeviation(this.cohort, gene);
    return [
      strings("phenotype_id", [this.cohort.genes.id[gene]!]),
      strings("status", [status]),
      integers("num_var", whole(variants.id.length)),
      integers("num_obs", whole(Math.round(found.observations))),
      doubles("sd_y", one(fit === undefined ? Number.NaN : deviation)),
      integers("num_effects", whole(effects)),
      integers("num_cs", whole(sets.length)),
      integers("iterations", whole(fit?.iterations ?? 0)),
      doubles("elbo", one(fit?.elbo ?? Number.NaN)),
      doubles("residual_variance", one((fit?.residualVariance ?? Number.NaN) * deviation * deviation)),
      integers("num_cs_impure", whole(found.impure)),
      ...(this.options.summary
        ? [
            doubles("ld_lambda", one(check?.lambda ?? Number.NaN)),
            integers("num_switched", whole(check === undefined ? 0 : switchedIn(check).length)),
          ]
        : []),
    ];
  }

  private setRows({ gene, variants, fit, sets }: GeneFinemap): Column[] {
    const leads = sets.map(({ effect, variants: own }) => leadOf(fit!.alpha, effect * fit!.variants, own));
    const column = (value: (set: (typeof sets)[number], i: number) => number): Float64Array =>
      Float64Array.from(sets, value);
    return [
      strings(
        "phenotype_id",
        sets.map(() => this.cohort.genes.id[gene]!),
      ),
      strings(
        "cs_id",
        sets.map(({ effect }) => `L${effect + 1}`),
      ),
      integers(
        "size",
        Int32Array.from(sets, (set) => set.variants.length),
      ),
      doubles(
        "coverage",
        column((set) => set.coverage),
      ),
      doubles(
        "min_abs_corr",
        column((set) => set.minCorrelation),
      ),
      doubles(
        "mean_abs_corr",
        column((set) => set.meanCorrelation),
      ),
      doubles(
        "log10_bf",
        column((set) => fit!.lbf[set.effect]! * LOG10_E),
      ),
      strings(
        "lead_variant_id",
        leads.map((j) => variants.id[j]!),
      ),
      doubles(
        "lead_probability",
        column((set, i) => fit!.alpha[set.effect * fit!.variants + leads[i]!]!),
      ),
    ];
  }

  private memberRows({ gene, variants, fit, sets, scale, observations: people }: GeneFinemap): Column[] {
    const rows = sets.flatMap(({ effect, variants: own }) =>
      Array.from(own, (variant) => ({ effect, variant })),
    );
    const at = rows.map(({ effect, variant }) => effect * fit!.variants + variant);
    const own = rows.map(({ variant }) => variant);
    const column = (value: (row: number) => number): Float64Array =>
      Float64Array.from(rows, (_, row) => value(row));
    const d = people - 1;
    const spread = (row: number): number => {
      // Given the variant: V s2 / (V + s2), s2 the variance of its estimate.
      const variance = fit!.priorVariance[rows[row]!.effect]!;
      const s2 = fit!.residualVariance / d;
      return Math.sqrt((variance * s2) / (variance + s2)) * scale[own[row]!]!;
    };
    return [
      strings(
        "phenotype_id",
        rows.map(() => this.cohort.genes.id[gene]!),
      ),
      strings(
        "cs_id",
        rows.map(({ effect }) => `L${effect + 1}`),
      ),
      ...variantColumns(variants, own),
      doubles(
        "pip",
        column((row) => fit!.pip[own[row]!]!),
      ),
      doubles(
        "probability",
        column((row) => fit!.alpha[at[row]!]!),
      ),
      doubles(
        "posterior_mean",
        column((row) => fit!.mu[at[row]!]! * scale[own[row]!]!),
      ),
      doubles("posterior_sd", column(spread)),
    ];
  }

  private variantRows({ gene, variants, fit, slope, slopeSe, log10P, check }: GeneFinemap): Column[] {
    const all = variants.id.map((_, i) => i);
    const lbf = Array.from({ length: this.options.effects }, (_, l) => {
      // A window of fewer variants than effects has fewer effects.
      const own = fit!.lbfVariable.slice(l * fit!.variants, (l + 1) * fit!.variants);
      return doubles(`lbf_variable${l + 1}`, l < fit!.effects ? own : new Float64Array(all.length));
    });
    return [
      strings(
        "phenotype_id",
        all.map(() => this.cohort.genes.id[gene]!),
      ),
      ...variantColumns(variants, all),
      doubles(
        "pval_nominal",
        log10P.map((value) => pow10(value)),
      ),
      doubles("slope", slope),
      doubles("slope_se", slopeSe),
      doubles("log10_p", log10P),
      doubles("pip", fit!.pip),
      ...(check === undefined
        ? []
        : [
            ...[doubles("z", check.z), doubles("z_expected", check.expected)],
            ...[doubles("z_deviation", check.deviation), doubles("log_lr_switched", check.logLr)],
          ]),
      ...lbf,
    ];
  }
}

function variantColumns(variants: VariantTable, rows: readonly number[]): Column[] {
  const texts = (values: readonly string[]): string[] => rows.map((row) => values[row]!);
  return [
    strings("variant_id", texts(variants.id)),
    strings("chromosome", texts(variants.chromosome)),
    integers(
      "position",
      Int32Array.from(rows, (row) => variants.position[row]!),
    ),
    strings("effect_allele", texts(variants.effectAllele)),
    strings("other_allele", texts(variants.otherAllele)),
    doubles(
      "af",
      Float64Array.from(rows, (row) => variants.af[row]!),
    ),
  ];
}

/** The most probable of the variants; the first of ties. */
function leadOf(alpha: Float64Array, first: number, variants: Uint32Array): number {
  return variants.reduce((best, v) => (alpha[first + v]! > alpha[first + best]! ? v : best), variants[0]!);
}
