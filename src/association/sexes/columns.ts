import type { Column, SchemaColumn, TableSchema } from "../../formats/table.ts";
import { pow10 } from "../../statistics/elementary.ts";
import type { GeneTable, PairBatch } from "../tables.ts";
import { SEXED, stratumColumn } from "./strata.ts";

const text = (name: string): SchemaColumn => ({ name, type: "string" });
const double = (name: string): SchemaColumn => ({ name, type: "double" });
const OF = ["female", "male", "difference"] as const;

/** The four columns of a test: in the map, in each sex, and of the difference of the slopes. */
function testNames(of: string): [string, string, string, string] {
  const suffix = of === "" ? "" : `_${of}`;
  return [`pval_nominal${suffix}`, `slope${suffix}`, `slope_se${suffix}`, `log10_p${suffix}`];
}

/** Layout of `cis_sex`. */
export function sexSchema(metadata: Readonly<Record<string, string>> = {}): TableSchema {
  const tests = ["", ...OF]
    .flatMap(testNames)
    .map((name) => ({ ...double(name), encoding: "plain" as const }));
  return {
    columns: [text("phenotype_id"), text("variant_id"), double("af_female"), double("af_male"), ...tests],
    metadata: {
      slope:
        "change of expression per copy of effect_allele as cis_pairs counts it: a haploid male's allele is two copies (--chrx 0/2)",
      difference: "slope_female less slope_male; t with Satterthwaite's degrees of freedom",
      ...metadata,
    },
  };
}

/** The rows of a batch that were tested in each sex, as {@link sexSchema} lays them out; undefined where there is none. */
export function sexColumns(batch: PairBatch, genes: GeneTable): Column[] | undefined {
  const { extra, variants } = batch;
  const sexed = extra?.[SEXED];
  if (extra === undefined || sexed === undefined) return undefined;
  const rows = Uint32Array.from(sexed.keys()).filter((i) => sexed[i] === 1);
  if (rows.length === 0) return undefined;
  const pick = (values: Float64Array): Float64Array => Float64Array.from(rows, (i) => values[i]!);
  const doubles = (name: string, values: Float64Array): Column => ({ name, type: "double", values });
  const variant = Uint32Array.from(rows, (i) => batch.variant[i]!);
  const byVariant = (name: string): Column => ({
    name,
    type: "double",
    values: variants.extra![name]!,
    index: variant,
  });
  const tests = (of: string, slope: Float64Array, slopeSe: Float64Array, log10P: Float64Array): Column[] => {
    const [pName, slopeName, seName, logName] = testNames(of);
    const logs = pick(log10P);
    return [
      doubles(
        pName,
        logs.map((value) => pow10(value)),
      ),
      doubles(slopeName, pick(slope)),
      doubles(seName, pick(slopeSe)),
      doubles(logName, logs),
    ];
  };
  return [
    {
      name: "phenotype_id",
      type: "dictionary",
      values: genes.id,
      index: Uint32Array.from(rows, (i) => batch.gene[i]!),
    },
    { name: "variant_id", type: "dictionary", values: variants.id, index: variant },
    byVariant("af_female"),
    byVariant("af_male"),
    ...tests("", batch.slope, batch.slopeSe, batch.log10P),
    ...OF.flatMap((of) =>
      tests(
        of,
        extra[stratumColumn("slope", of)]!,
        extra[stratumColumn("slope_se", of)]!,
        extra[stratumColumn("log10_p", of)]!,
      ),
    ),
  ];
}
