import { InputError } from "../errors.ts";
import { parseDecimal } from "./numbers.ts";
import type { ByteSource, Inflate } from "./source.ts";
import { checkName, readRows } from "./text.ts";
import { atLine, counted, listed, shown } from "./wording.ts";

/** Where genes lie, and what else is known of them. */
export interface GeneAnnotation {
  readonly name: string;
  /** What the user should know about the file, one line each. */
  readonly messages: readonly string[];
  /** Whether it was made for one matrix, so that genes which that one lacks are worth a word. */
  readonly own: boolean;
  /** Row of each gene. */
  readonly row: ReadonlyMap<string, number>;
  readonly genes: readonly AnnotatedGene[];
}

export interface AnnotatedGene {
  readonly id: string;
  readonly chromosome: string;
  /** 0-based, as a BED has it. */
  readonly start: number;
  /** Exclusive 0-based. */
  readonly end: number;
  /** `+`, `-` or `.`. */
  readonly strand: string;
  /** Empty where unknown. */
  readonly symbol: string;
  readonly biotype: string;
}

const LAST_POSITION = 2_147_483_647;

/**
 * MatrixEQTL's `geneloc`: `id chr s1 s2`, a gene a line, 1-based and inclusive, with or without a header. As
 * a BED that is s1 - 1 and s2. Where s1 > s2 the two are the ends of a gene on the minus strand, and are turned.
 * Throws {@link InputError} for other columns, positions that are no numbers, and genes that occur twice.
 */
export async function readGenePlaces(source: ByteSource, inflate: Inflate): Promise<GeneAnnotation> {
  const rows = await readRows(source, inflate);
  const genes: AnnotatedGene[] = [];
  let turned = 0;
  for (const [i, row] of rows.entries()) {
    const where = atLine(source.name, row.line);
    if (row.cells.length !== 4) {
      throw new InputError(
        where,
        `has ${counted(row.cells.length, "column")}, 4 expected (gene id, chromosome, first base, last base)`,
        "separate them by tabs",
      );
    }
    if (i === 0 && Number.isNaN(parseDecimal(row.cells[2]!))) continue;
    const [id, chromosome] = row.cells as [string, string];
    const ends = [row.cells[2]!, row.cells[3]!].map((text) => basePosition(text, where, id, 1));
    if (ends[0]! > ends[1]!) turned++;
    genes.push({
      id,
      chromosome,
      start: Math.min(...ends) - 1,
      end: Math.max(...ends),
      strand: ends[0]! > ends[1]! ? "-" : ".",
      symbol: "",
      biotype: "",
    });
    checkName(id, "gene", where);
  }
  const messages =
    turned === 0
      ? []
      : [`${source.name}: ${counted(turned, "gene")} with start > end taken to lie on the minus strand`];
  return { ...annotation(source.name, genes, messages), own: true };
}

/** A position of at least `least`, in base pairs. */
export function basePosition(text: string, where: string, gene: string, least: number): number {
  const value = parseDecimal(text);
  if (Number.isInteger(value) && value >= least && value <= LAST_POSITION) return value;
  throw new InputError(
    where,
    `gene ${gene}: position ${shown(text)} is not an integer from ${least} to ${LAST_POSITION}`,
    "positions are in base pairs",
  );
}

/** Genes by their ids. Throws {@link InputError} where there is none, or an id occurs twice. */
export function annotation(
  name: string,
  genes: readonly AnnotatedGene[],
  messages: readonly string[],
): GeneAnnotation {
  const row = new Map<string, number>();
  for (const [i, gene] of genes.entries()) {
    if (row.has(gene.id)) {
      throw new InputError(name, `gene ${gene.id} is there twice`, "keep one of them");
    }
    row.set(gene.id, i);
  }
  if (genes.length === 0) throw new InputError(name, "holds no genes");
  return { name, messages, own: false, row, genes };
}

/** How the rows of an expression matrix are those of an annotation. */
export interface GeneMatch {
  /** Row of the annotation of each gene, or -1. */
  readonly row: Int32Array;
  readonly messages: readonly string[];
}

/**
 * Finds `ids` in an annotation: as they are, else without the version of an Ensembl id (ENSG00000000003.14
 * is ENSG00000000003), which is said.
 */
export function matchGenes(ids: readonly string[], known: GeneAnnotation, from: string): GeneMatch {
  const bare = new Map<string, number>();
  for (const [i, gene] of known.genes.entries()) {
    const id = withoutVersion(gene.id);
    if (!bare.has(id)) bare.set(id, i);
  }
  let reconciled = 0;
  let example = "";
  const row = Int32Array.from(ids, (id) => {
    const exact = known.row.get(id);
    if (exact !== undefined) return exact;
    const found = bare.get(withoutVersion(id)) ?? -1;
    if (found >= 0 && reconciled++ === 0) example = `${id} as ${known.genes[found]!.id}`;
    return found;
  });
  const messages: string[] = [];
  if (reconciled > 0) {
    messages.push(
      `${from}: ${counted(reconciled, "gene")} found in ${known.name} under another version of the Ensembl id (${example})`,
    );
  }
  const lacking = ids.filter((_, i) => row[i]! < 0);
  if (lacking.length > 0) {
    messages.push(`${from}: ${counted(lacking.length, "gene")} not in ${known.name} (${listed(lacking)})`);
  }
  return { row, messages };
}

/** An Ensembl id without its version; others as they are. */
export function withoutVersion(id: string): string {
  return id.replace(/^(ENS[A-Z]*G\d+)\.\d+$/, "$1");
}
