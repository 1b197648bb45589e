import type { Cohort } from "../cohort/cohort.ts";
import { STATUS_CODE, VARIANT_STATUS, type VariantScan } from "../cohort/variants.ts";
import { InputError, throwIfAborted } from "../errors.ts";
import type { PairList } from "../formats/tables.ts";
import { counted } from "../formats/wording.ts";

/** A listed pair without a test, and why: its variant's or gene's status, or which of the two no file has. */
export interface UntestedPair {
  readonly variant: string;
  readonly gene: string;
  readonly reason: string;
}

/** Neighbouring genes of a list of pairs, and the variants listed with each. */
export interface PairsPart {
  readonly genes: Uint32Array;
  /** Variants of `genes[i]`, ascending: `variants[offset[i]]` to `variants[offset[i + 1]]`. */
  readonly offset: Uint32Array;
  readonly variants: Uint32Array;
}

export interface PairsPlan {
  readonly parts: readonly PairsPart[];
  readonly pairs: number;
  readonly untested: readonly UntestedPair[];
  /** 1 for each variant in some pair that is to be tested. */
  readonly covered: Uint8Array;
}

/** A part ends before the gene that would take it past one of these. */
const GENES_PER_PART = 512;
const PAIRS_PER_PART = 131_072;
/** Variants whose labels are looked at at once. */
const LABELS = 4096;

/** How reasons begin that no file has a variant or gene for. */
const UNKNOWN = "unknown";

/**
 * Finds the pairs of a list in a cohort and cuts them into parts, by gene: the same for every machine.
 * Throws {@link InputError} where the cohort knows none of them.
 */
export async function planPairs(
  cohort: Cohort,
  list: PairList,
  scan: VariantScan,
  signal?: AbortSignal,
): Promise<PairsPlan> {
  const variantOf = await variantNumbers(cohort, new Set(list.variant), signal);
  const geneOf = new Map(cohort.genes.id.map((id, gene) => [id, gene]));
  const byGene = new Map<number, number[]>();
  const untested: UntestedPair[] = [];
  list.variant.forEach((id, i) => {
    const gene = geneOf.get(list.gene[i]!);
    const variant = variantOf.get(id);
    const reason = whyNot(cohort, scan, variant, gene);
    if (reason !== undefined) {
      untested.push({ variant: id, gene: list.gene[i]!, reason });
      return;
    }
    const known = byGene.get(gene!);
    if (known === undefined) byGene.set(gene!, [variant!]);
    else known.push(variant!);
  });
  if (untested.every(({ reason }) => reason.startsWith(UNKNOWN)) && byGene.size === 0) {
    throw noneKnown(cohort, list);
  }
  const covered = new Uint8Array(scan.status.length);
  const parts: PairsPart[] = [];
  let open: [number, Uint32Array][] = [];
  let size = 0;
  for (const gene of [...byGene.keys()].sort((a, b) => a - b)) {
    const variants = Uint32Array.from(byGene.get(gene)!).sort();
    for (const variant of variants) covered[variant] = 1;
    const full = open.length === GENES_PER_PART || size + variants.length > PAIRS_PER_PART;
    if (full && open.length > 0) {
      parts.push(partOf(open));
      open = [];
      size = 0;
    }
    open.push([gene, variants]);
    size += variants.length;
  }
  if (open.length > 0) parts.push(partOf(open));
  return { parts, pairs: list.variant.length - untested.length, untested, covered };
}

function whyNot(
  cohort: Cohort,
  scan: VariantScan,
  variant: number | undefined,
  gene: number | undefined,
): string | undefined {
  if (variant === undefined && gene === undefined) return `${UNKNOWN} variant and gene`;
  if (variant === undefined) return `${UNKNOWN} variant`;
  if (gene === undefined) return `${UNKNOWN} gene`;
  const status = scan.status[variant]!;
  if (status !== STATUS_CODE.ok) return `variant ${VARIANT_STATUS[status]}`;
  return cohort.geneStatus[gene] === "ok" ? undefined : `gene ${cohort.geneStatus[gene]}`;
}

function noneKnown({ tables, genes }: Cohort, { name, variant, gene }: PairList): InputError {
  return new InputError(
    name,
    `none of its ${counted(variant.length, "pair")} has a variant of ${tables.genotypes.name} and a gene of ${tables.expression.name}: the first is ${variant[0]} with ${gene[0]}, where genes are called ${genes.id[0]}`,
    "check that the columns are variant and gene, and that ids are written alike",
  );
}

/** Index in the source of each of the ids `wanted` that the genotypes have. */
export async function variantNumbers(
  cohort: Cohort,
  wanted: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<Map<string, number>> {
  const { genotypes } = cohort.tables;
  const found = new Map<string, number>();
  for (let start = 0; start < genotypes.variantCount; start += LABELS) {
    throwIfAborted(signal);
    const { id } = await genotypes.labels(start, Math.min(genotypes.variantCount, start + LABELS));
    id.forEach((name, i) => {
      if (wanted.has(name)) found.set(name, start + i);
    });
  }
  return found;
}

function partOf(open: readonly (readonly [number, Uint32Array])[]): PairsPart {
  const offset = new Uint32Array(open.length + 1);
  open.forEach(([, variants], i) => {
    offset[i + 1] = offset[i]! + variants.length;
  });
  const variants = new Uint32Array(offset[open.length]!);
  open.forEach(([, run], i) => {
    variants.set(run, offset[i]);
  });
  return { genes: Uint32Array.from(open, ([gene]) => gene), offset, variants };
}
