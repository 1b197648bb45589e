import type { Cohort } from "../../cohort/cohort.ts";
import { chromosomeKinds, tellsSexes } from "../../cohort/sexChromosomes.ts";
import { SexedFilter } from "../../cohort/sexedFilter.ts";
import { throwIfAborted } from "../../errors.ts";
import { FEMALE, MALE } from "../../formats/sex.ts";
import type { Column, SchemaColumn, TableSchema } from "../../formats/table.ts";
import { hardyWeinberg } from "../../statistics/hardyWeinberg.ts";

/** Variants read at once. */
const BLOCK = 2048;

const text = (name: string): SchemaColumn => ({ name, type: "string" });
const int32 = (name: string): SchemaColumn => ({ name, type: "int32" });
const double = (name: string): SchemaColumn => ({ name, type: "double" });

const COUNTS = [
  ...["female_hom_other", "female_het", "female_hom_effect", "female_missing"],
  ...["male_other", "male_effect", "male_missing", "male_set_missing"],
] as const;
type Count = (typeof COUNTS)[number];

/** Layout of `chrx_variants`: X outside the pseudo-autosomal regions by sex, in the samples analysed. */
export function chrXSchema(metadata: Readonly<Record<string, string>> = {}): TableSchema {
  return {
    columns: [
      ...[
        text("variant_id"),
        text("chromosome"),
        int32("position"),
        text("effect_allele"),
        text("other_allele"),
      ],
      ...[double("af_female"), double("af_male"), double("hwe_female"), ...COUNTS.map(int32)],
    ],
    metadata: {
      hwe_female: "exact p of Hardy-Weinberg equilibrium in females",
      male_set_missing: "of male_missing, calls of the file that a haploid cannot have (heterozygous ones)",
      ...metadata,
    },
  };
}

/**
 * The variants of X outside the PARs, tested or not, some thousands at a time, as {@link chrXSchema} lays them out; none where males
 * are not told from females. A dosage counts as its nearest call.
 */
export async function* chrXVariants(cohort: Cohort, signal?: AbortSignal): AsyncGenerator<Column[]> {
  const { genotypes, sexChromosomes: plan } = cohort.tables;
  const filter = SexedFilter.of(cohort);
  if (!tellsSexes(plan) || filter === undefined) return;
  const kindOf = chromosomeKinds(genotypes, plan.build);
  const { genotypeIndex } = cohort.report;
  for (let start = 0; start < genotypes.variantCount; start += BLOCK) {
    const end = Math.min(genotypes.variantCount, start + BLOCK);
    const rows: number[] = [];
    for (let v = start; v < end; v++) if (kindOf(v) === "x") rows.push(v - start);
    if (rows.length === 0) continue;
    throwIfAborted(signal);
    const block = await genotypes.read(start, end, genotypeIndex);
    const written = await (genotypes.asWritten ?? genotypes).read(start, end, genotypeIndex);
    const labels = await genotypes.labels(start, end);
    const numbers = {
      ...(Object.fromEntries(COUNTS.map((name) => [name, new Int32Array(rows.length)])) as Record<
        Count,
        Int32Array
      >),
    };
    const af = { female: new Float64Array(rows.length), male: new Float64Array(rows.length) };
    const hwe = new Float64Array(rows.length);
    rows.forEach((row, i) => {
      const females = filter.counts(block, row, FEMALE);
      const males = filter.counts(block, row, MALE);
      const [zero, one, two] = females.genotypes;
      numbers.female_hom_other[i] = zero;
      numbers.female_het[i] = one;
      numbers.female_hom_effect[i] = two;
      numbers.female_missing[i] = females.missing;
      // A dosage from 0.5 counts as the effect allele.
      const effect =
        filter.copiesOfAllele === 2 ? males.genotypes[2] + males.genotypes[1] : males.genotypes[1];
      numbers.male_effect[i] = effect;
      numbers.male_other[i] = males.called - effect;
      numbers.male_missing[i] = males.missing;
      numbers.male_set_missing[i] = males.missing - filter.counts(written, row, MALE).missing;
      af.female[i] = females.copies / (2 * females.called);
      af.male[i] = males.copies / (filter.copiesOfAllele * males.called);
      hwe[i] = hardyWeinberg(zero, one, two);
    });
    const strings = (name: string, values: readonly string[]): Column => ({
      ...{ name, type: "string" },
      values: rows.map((row) => values[row]!),
    });
    yield [
      strings("variant_id", labels.id),
      strings("chromosome", labels.chromosome),
      { name: "position", type: "int32", values: Int32Array.from(rows, (row) => labels.position[row]!) },
      strings("effect_allele", labels.effectAllele),
      strings("other_allele", labels.otherAllele),
      { name: "af_female", type: "double", values: af.female },
      { name: "af_male", type: "double", values: af.male },
      { name: "hwe_female", type: "double", values: hwe },
      ...COUNTS.map((name): Column => ({ name, type: "int32", values: numbers[name] })),
    ];
  }
}
