import { canonicalChromosome } from "../../../cohort/chromosomes.ts";
import { bases, count, megabases } from "../../../report/numbers.ts";
import type { GeneColumns, PairColumns } from "../../engine/protocol.ts";

/** `chromosome 2, 25,388,741 to 25,401,000`; of a gene whose start alone is known, that base. */
export function geneRange({ chromosome, start, end }: GeneColumns, gene: number): string {
  const [from, to] = [start[gene]!, end[gene]!];
  return `chromosome ${canonicalChromosome(chromosome[gene]!)}, ${count(from)}${to > from ? ` to ${count(to)}` : ""}`;
}

/** Where the lead lies: `2:25.23 Mb, 156 kb before the first base`, or, of a lead in trans, `X:59.01 Mb, on another chromosome`. */
export function leadPlace(
  { chromosome, start, position }: GeneColumns,
  gene: number,
  leadChromosome = chromosome[gene]!,
): string {
  const place = `${megabases(leadChromosome, position[gene]!)} Mb`;
  if (!onChromosome({ chromosome }, gene, leadChromosome)) return `${place}, on another chromosome`;
  const distance = position[gene]! - start[gene]!;
  if (distance === 0) return `${place}, at the first base`;
  return `${place}, ${bases(Math.abs(distance))} ${distance < 0 ? "before" : "after"} the first base`;
}

/** Whether a gene lies on a chromosome, however the two files name it; where none is given, it does. */
export function onChromosome(
  { chromosome }: Pick<GeneColumns, "chromosome">,
  gene: number,
  name: string | undefined,
): boolean {
  return name === undefined || canonicalChromosome(name) === canonicalChromosome(chromosome[gene]!);
}

/** Which pairs lie on the chromosome of row `lead`: a gene's pairs of a trans map are of many. All of them where there is no such row. */
export function besideLead({ chromosome }: PairColumns, lead: number): boolean[] {
  const own = chromosome[lead];
  return chromosome.map((name) => own === undefined || name === own);
}
