import { InputError } from "../errors.ts";
import { readAnnotation } from "./annotation.ts";
import type { ByteSource, Inflate } from "./source.ts";
import { decode, eachLine, splitCells } from "./text.ts";

/** A gene on its chromosome, as an annotation (GTF, BED) has it: positions are 1-based and inclusive. */
export interface GeneModel {
  readonly id: string;
  readonly symbol: string;
  readonly strand: "+" | "-" | ".";
  readonly start: number;
  readonly end: number;
  /** Starts and ends, in pairs; empty where only the body is known. */
  readonly exons: Int32Array;
  /** What of the exons is translated, in pairs too; undefined where the file does not say of any gene. */
  readonly coding?: Int32Array | undefined;
}

/** Gene models by chromosome, as the file names it, along it. */
export type GeneModels = ReadonlyMap<string, readonly GeneModel[]>;

/** A gene in the making. */
interface Growing {
  readonly id: string;
  symbol: string;
  readonly strand: GeneModel["strand"];
  start: number;
  end: number;
  /** Starts and ends of all transcripts, in pairs, as the file has them. */
  readonly exons: number[];
  readonly coding: number[];
}

const HASH = 35;
const FEATURES = new Set(["gene", "transcript", "mrna", "exon", "cds"]);

/**
 * Genes with their exons and what of these is translated, each the union over all transcripts, from
 * - a GTF, or a GFF3 whose exons name their gene (`gene_id` or `gene`, as Ensembl's and GENCODE's do);
 * - a BED of 12 columns, a transcript a line, those of one name joined; translated is what it draws thick;
 * - what else `readAnnotation` reads: bodies without exons.
 * Plain or gzip. Read in a stream; holds the models alone. Throws InputError for lines that are none of these.
 */
export async function readGeneModels(source: ByteSource, inflate: Inflate): Promise<GeneModels> {
  const genes = new Map<string, Map<string, Growing>>();
  let kind: "gtf" | "bed12" | "other" | undefined;
  await eachLine(source, inflate, (bytes, start, end, line) => {
    if (bytes[start] === HASH || kind === "other") return;
    const cells = splitCells(decode(bytes, start, end, source.name, line), "tab");
    kind ??= kindOf(cells);
    if (kind === "gtf") addFeature(genes, cells);
    else if (kind === "bed12") addTranscript(genes, cells, `${source.name}, line ${line}`);
  });
  if (kind === "gtf" || kind === "bed12") return finished(genes);
  return bodiesOf(await readAnnotation(source, inflate, true));
}

function kindOf(cells: readonly string[]): "gtf" | "bed12" | "other" {
  const whole = (at: number): boolean => /^\d+$/.test(cells[at] ?? "");
  if (cells.length === 9 && whole(3) && whole(4)) return "gtf";
  return cells.length >= 12 && whole(1) && whole(2) && whole(9) && /^[\d,]+$/.test(cells[10]!)
    ? "bed12"
    : "other";
}

/** A line of a GTF or GFF3; other features, and lines that name no gene, are left alone. */
function addFeature(genes: Map<string, Map<string, Growing>>, cells: readonly string[]): void {
  const feature = cells[2]?.toLowerCase() ?? "";
  if (cells.length !== 9 || !FEATURES.has(feature)) return;
  const attributes = cells[8]!;
  const id =
    attribute(attributes, "gene_id") ||
    (feature === "gene" ? attribute(attributes, "ID").replace(/^gene:/, "") : attribute(attributes, "gene"));
  if (id === "") return;
  const [start, end] = [Number(cells[3]), Number(cells[4])];
  if (!(start > 0 && end >= start)) return;
  const symbol = attribute(attributes, "gene_name") || attribute(attributes, "Name");
  const gene = growing(genes, cells[0]!, {
    id,
    symbol: feature === "gene" || attributes.includes("gene_name") ? symbol : "",
    strand: strandOf(cells[6]),
    start,
    end,
    ...{ exons: [], coding: [] },
  });
  if (feature === "exon") gene.exons.push(start, end);
  if (feature === "cds") gene.coding.push(start, end);
}

function attribute(attributes: string, name: string): string {
  const match = new RegExp(`(?:^|[; ])${name}(?: |=)"?([^";]*)`).exec(attributes);
  return match?.[1]?.trim() ?? "";
}

function addTranscript(
  genes: Map<string, Map<string, Growing>>,
  cells: readonly string[],
  where: string,
): void {
  const [start, end] = [Number(cells[1]) + 1, Number(cells[2])];
  const [sizes, offsets] = [cells[10]!, cells[11]!].map((list) =>
    list
      .split(",")
      .filter((text) => text !== "")
      .map(Number),
  ) as [number[], number[]];
  const count = Number(cells[9]);
  if (sizes.length !== count || offsets.length !== count)
    throw new InputError(
      where,
      `names ${cells[9]} blocks and lists ${sizes.length} sizes and ${offsets.length} starts`,
    );
  const id = cells[3]!;
  const gene = growing(genes, cells[0]!, {
    id,
    symbol: id,
    strand: strandOf(cells[5]),
    start,
    end,
    ...{ exons: [], coding: [] },
  });
  const [thickStart, thickEnd] = [Number(cells[6]) + 1, Number(cells[7])];
  offsets.forEach((offset, i) => {
    const [from, to] = [start + offset, start + offset + sizes[i]! - 1];
    gene.exons.push(from, to);
    const [first, last] = [Math.max(from, thickStart), Math.min(to, thickEnd)];
    if (first <= last) gene.coding.push(first, last);
  });
}

/** The gene of that name on the chromosome, as long as what is known of it. */
function growing(genes: Map<string, Map<string, Growing>>, chromosome: string, fresh: Growing): Growing {
  const own = genes.get(chromosome) ?? new Map<string, Growing>();
  genes.set(chromosome, own);
  const known = own.get(fresh.id);
  if (known === undefined) {
    own.set(fresh.id, fresh);
    return fresh;
  }
  known.start = Math.min(known.start, fresh.start);
  known.end = Math.max(known.end, fresh.end);
  if (known.symbol === "") known.symbol = fresh.symbol;
  return known;
}

function strandOf(text: string | undefined): GeneModel["strand"] {
  return text === "+" || text === "-" ? text : ".";
}

function finished(genes: ReadonlyMap<string, ReadonlyMap<string, Growing>>): GeneModels {
  const along = (a: GeneModel, b: GeneModel): number =>
    a.start - b.start || a.end - b.end || (a.id < b.id ? -1 : 1);
  const saysCoding = [...genes.values()].some((own) =>
    [...own.values()].some(({ coding }) => coding.length > 0),
  );
  const model = ({ exons, coding, ...gene }: Growing): GeneModel => ({
    ...gene,
    exons: union(exons),
    ...(saysCoding ? { coding: union(coding) } : {}),
  });
  return new Map(
    [...genes].map(([chromosome, own]) => [chromosome, [...own.values()].map(model).sort(along)]),
  );
}

/** Stretches (pairs of start and end) joined where they overlap or touch, along the chromosome. */
function union(pairs: readonly number[]): Int32Array {
  const order = Array.from({ length: pairs.length / 2 }, (_, i) => 2 * i).sort(
    (a, b) => pairs[a]! - pairs[b]!,
  );
  const joined: number[] = [];
  for (const at of order) {
    const [start, end] = [pairs[at]!, pairs[at + 1]!];
    const last = joined.length - 1;
    if (last > 0 && start <= joined[last]! + 1) joined[last] = Math.max(joined[last]!, end);
    else joined.push(start, end);
  }
  return Int32Array.from(joined);
}

function bodiesOf({ genes }: Awaited<ReturnType<typeof readAnnotation>>): GeneModels {
  const bodies = new Map<string, Map<string, Growing>>();
  for (const { id, symbol = "", strand = "", chromosome, start, end } of genes)
    growing(bodies, chromosome, {
      ...{ id, symbol, strand: strandOf(strand), start: start + 1, end },
      ...{ exons: [], coding: [] },
    });
  return finished(bodies);
}
