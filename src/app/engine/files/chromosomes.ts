import { canonicalChromosome } from "../../../cohort/chromosomes.ts";
import { listed } from "../../../formats/wording.ts";
import type { SeenChromosomes } from "./fileFacts.ts";
import { type Head, linesOf } from "./head.ts";
import type { CohortPlan, Notes } from "./plan.ts";

/** Of a table whose rows name one in the cell `column`, from its beginning and the lines of its end. */
export function chromosomesIn(head: Head, column: number, end?: readonly string[]): SeenChromosomes {
  const names = new Map<string, string>();
  const of = (line: string): string | undefined => {
    const cell = line.startsWith("#")
      ? undefined
      : line
          .slice(0, 400)
          .trim()
          .split(/\s+/, column + 1)[column];
    if (cell === undefined || cell === "" || /^chr(om|omosome)?$/i.test(cell)) return undefined;
    const name = canonicalChromosome(cell);
    if (!names.has(name)) names.set(name, cell);
    return name;
  };
  const known = (lines: readonly string[]): string[] =>
    lines.map(of).filter((name): name is string => name !== undefined);
  const [first] = known(linesOf(head, 1_000_000));
  // Of files in order: what ends on the chromosome that it begins with has no other.
  const last = end === undefined ? undefined : known(end).at(-1);
  return { names, whole: head.whole || (first !== undefined && first === last && names.size === 1) };
}

/** Says so where no chromosome of the genotypes is one of the genes: nothing would be tested in cis. */
export function noteChromosomes(plan: CohortPlan, { problems }: Notes): void {
  const { expression, others } = plan;
  const genotypes = plan.plink?.bim ?? plan.vcf?.vcf ?? plan.dosages?.positions;
  const places =
    expression?.facts.placed === true
      ? expression
      : (others.get("gene-positions") ?? others.get("annotation"));
  const [variants, genes] = [genotypes?.facts.chromosomes, places?.facts.chromosomes];
  if (genotypes === undefined || variants === undefined || places === undefined || genes === undefined)
    return;
  if (problems.has(places) || !areApart(variants, genes)) return;
  problems.set(
    places,
    `has genes on ${namesOf(genes)}, and ${genotypes.name} variants on ${namesOf(variants)}: no chromosome is in both by its name, so that no pair would be in cis; give them one name each in both files`,
  );
}

/** Two beginnings may be of different chromosomes and the files not: there, only names of another kind tell. */
function areApart(a: SeenChromosomes, b: SeenChromosomes): boolean {
  if (a.names.size === 0 || b.names.size === 0) return false;
  if ([...a.names.keys()].some((name) => b.names.has(name))) return false;
  const all = ({ names }: SeenChromosomes, human: boolean): boolean =>
    [...names.keys()].every((name) => HUMAN.test(name) === human);
  return (a.whole && b.whole) || (all(a, true) && all(b, false)) || (all(a, false) && all(b, true));
}

const HUMAN = /^(\d{1,2}|X|Y|XY|MT)$/;

function namesOf({ names }: SeenChromosomes): string {
  const own = [...names.values()];
  return `${own.length === 1 ? "chromosome" : "chromosomes"} ${listed(own)}`;
}
