import type { GenotypeBlock } from "../formats/genotypes.ts";
import { MISSING_CALL } from "../formats/genotypes.ts";
import { FEMALE, MALE } from "../formats/sex.ts";
import { decodeDosages } from "./dosages.ts";
import { chromosomeKinds, notTested, type SexChromosomes, tellsSexes } from "./sexChromosomes.ts";

/** Copies of the effect allele among so many alleles. */
export interface Alleles {
  readonly copies: number;
  readonly alleles: number;
}

/** What filters ask of a variant beyond its calls. */
export interface FilterFacts {
  /** What `--maf` is of. */
  readonly frequency: Alleles;
  /** What `--mac` counts. */
  readonly observed: Alleles;
  /** Samples with 0, 1 and 2 copies, in whom equilibrium is tested. */
  readonly genotypes: readonly [number, number, number];
}

/** Called samples of one sex, their copies (males' as they are coded), and their calls by copies. */
export interface SexCounts {
  readonly called: number;
  readonly missing: number;
  readonly copies: number;
  readonly genotypes: readonly [number, number, number];
}

/** What filters ask of the sex chromosomes' variants in the samples of a cohort. */
export class SexedFilter {
  /** PLINK's code of each sample analysed. */
  readonly sex: Uint8Array;
  readonly #plan: SexChromosomes;
  readonly #kindOf: ReturnType<typeof chromosomeKinds>;
  readonly #tells: boolean;
  readonly #g: Float64Array;

  private constructor(plan: SexChromosomes, kindOf: ReturnType<typeof chromosomeKinds>, sex: Uint8Array) {
    this.sex = sex;
    this.#plan = plan;
    this.#kindOf = kindOf;
    this.#tells = tellsSexes(plan);
    this.#g = new Float64Array(sex.length);
  }

  /** Undefined for a cohort without sex chromosomes. */
  static of(cohort: SexedCohort): SexedFilter | undefined {
    const { sexChromosomes: plan, genotypes } = cohort.tables;
    if (plan === undefined) return undefined;
    return new SexedFilter(plan, chromosomeKinds(genotypes, plan.build), sexesAnalysed(cohort)!);
  }

  notTested(variant: number): ReturnType<typeof notTested> {
    return notTested(this.#plan, this.#kindOf(variant));
  }

  /** Whether males are told from females at this variant. */
  isSexed(variant: number): boolean {
    return this.#tells && this.#kindOf(variant) === "x";
  }

  /**
   * Row `row` of a block, a variant on X outside the PARs: frequency and equilibrium in females (in males where no female has a
   * call), and the alleles observed, of which a male has one.
   */
  facts(block: GenotypeBlock, row: number): FilterFacts {
    const females = this.counts(block, row, FEMALE);
    const males = this.counts(block, row, MALE);
    const ofFemales = { copies: females.copies, alleles: 2 * females.called };
    const ofMales = { copies: males.copies / this.copiesOfAllele, alleles: males.called };
    return {
      frequency: females.called > 0 ? ofFemales : ofMales,
      observed: {
        copies: ofFemales.copies + ofMales.copies,
        alleles: ofFemales.alleles + ofMales.alleles,
      },
      genotypes: females.genotypes,
    };
  }

  /** How many copies a male's one allele counts as. */
  get copiesOfAllele(): 1 | 2 {
    return this.#plan.chrX === "0/1" ? 1 : 2;
  }

  /** The calls of one sex in a row. */
  counts(block: GenotypeBlock, row: number, code: number): SexCounts {
    const g = this.#g;
    decodeDosages(block, row, Number.NaN, g);
    const genotypes: [number, number, number] = [0, 0, 0];
    let called = 0;
    let missing = 0;
    let copies = 0;
    for (let s = 0; s < g.length; s++) {
      if (this.sex[s] !== code) continue;
      const call = (block.packed[row * block.stride + (s >> 2)]! >> (2 * (s & 3))) & 3;
      if (call === MISSING_CALL) {
        missing++;
        continue;
      }
      called++;
      copies += g[s]!;
      genotypes[call]!++;
    }
    return { called, missing, copies, genotypes };
  }
}

interface SexedCohort {
  readonly tables: {
    readonly sexChromosomes?: SexChromosomes | undefined;
    readonly genotypes: Parameters<typeof chromosomeKinds>[0];
  };
  readonly report: { readonly genotypeIndex: Uint32Array };
}

/** PLINK's code of each sample analysed; undefined without sex chromosomes. */
export function sexesAnalysed({ tables, report }: SexedCohort): Uint8Array | undefined {
  const plan = tables.sexChromosomes;
  return plan && Uint8Array.from(report.genotypeIndex, (s) => plan.sex?.[s] ?? 0);
}
