import { canonicalChromosome } from "../cohort/chromosomes.ts";
import type { Message } from "../cohort/cohort.ts";
import { openSexes, sexesOf } from "../cohort/openSexes.ts";
import { withParsOnX } from "../cohort/parsOnX.ts";
import { chromosomeKinds, inPar, notTested, tellsSexes } from "../cohort/sexChromosomes.ts";
import type { GenotypeSource } from "../formats/genotypes.ts";
import { FEMALE, MALE, readSex } from "../formats/sex.ts";
import type { GeneTestStatus, PlacedGenes } from "../network/geneTests.ts";
import type { LdReferenceOptions } from "../network/ldReference.ts";
import { inflateGzip } from "../node/inflate.ts";
import { count, counted } from "../report/numbers.ts";
import type { KeyGenesOptions } from "./networkGraphOptions.ts";
import { reading } from "./networkTables.ts";

/** A panel, males as they are wanted, and what of it is not used. */
export interface ReferencePanel extends Pick<LdReferenceOptions, "sexed"> {
  readonly source: GenotypeSource;
  readonly leftOut: (variant: number) => boolean;
  /** Why genes lack variants, where they lie in what is left out. */
  readonly whyNone: (genes: PlacedGenes) => (gene: number) => GeneTestStatus | undefined;
}

const HLA = { chromosome: "6", start: 20_000_000, end: 40_000_000 };

/** The genotypes of `given` by the project's model of the sex chromosomes (docs/chrx.md); what becomes of X is said. */
export async function openReference(
  given: GenotypeSource,
  { sex: sexFile, chrx, maleCoding, build, keepHla }: KeyGenesOptions,
  onMessage: (message: Message) => void,
  signal: AbortSignal,
): Promise<ReferencePanel> {
  const merged = withParsOnX(given);
  const table =
    sexFile === undefined
      ? undefined
      : await reading(sexFile, (file) => readSex(file, inflateGzip, new Set(merged.samples)));
  const sexes = sexesOf(merged, table, undefined);
  const { genotypes: source, plan } = await openSexes(merged, sexes, { build, chrx, maleCoding, signal });
  const kindOf = chromosomeKinds(source, build);
  const canonical = source.chromosomes.map(canonicalChromosome);
  const isHla = (code: number, start: number, end: number): boolean =>
    !keepHla && canonical[code] === HLA.chromosome && start >= HLA.start && end <= HLA.end;
  const sayNothing = (variant: number) => (plan === undefined ? undefined : notTested(plan, kindOf(variant)));
  const leftOut = (variant: number): boolean => {
    const position = source.position.at(variant)!;
    return sayNothing(variant) !== undefined || isHla(source.chromosomeCode.at(variant)!, position, position);
  };
  const whyNone =
    ({ chromosome, start, end }: PlacedGenes) =>
    (gene: number): GeneTestStatus | undefined => {
      const name = canonical[chromosome[gene]!];
      if (isHla(chromosome[gene]!, start[gene]!, end[gene]!)) return "hla";
      if (plan === undefined) return undefined;
      if (name === "Y") return notTested(plan, "y");
      if (name === "MT") return notTested(plan, "mt");
      return name === "X" && !inPar(build, start[gene]!) ? notTested(plan, "x") : undefined;
    };
  const sexed = tellsSexes(plan)
    ? { sex: plan.sex, isX: (variant: number) => kindOf(variant) === "x" }
    : undefined;
  let onX = 0;
  for (let v = 0; v < source.variantCount; v++) if (kindOf(v) === "x") onX++;
  if (onX > 0) onMessage(messageOf(source, onX, plan, sexes?.from));
  return { source, leftOut, whyNone, sexed };
}

function messageOf(
  { name }: GenotypeSource,
  onX: number,
  plan: Parameters<typeof tellsSexes>[0],
  from: string | undefined,
): Message {
  const variants = `${counted(onX, "variant")} of X outside the pseudo-autosomal regions`;
  if (tellsSexes(plan)) {
    const number = (code: number): string => count(plan.sex.filter((one) => one === code).length);
    const text = `${name}: ${variants}: males counted ${plan.chrX} (${number(MALE)} males, ${number(FEMALE)} females; sex from ${from}), linkage and frequencies within the sexes`;
    return { level: "info", text };
  }
  if (plan?.chrX === "exclude") return { level: "info", text: `${name}: ${variants} left out` };
  if (plan?.chrX === "as-given") {
    return { level: "warning", text: `${name}: ${variants} taken as given, males as anybody` };
  }
  const text = `${name}: ${variants} left out, as nobody's sex is known (genes there: no-sex); --sex says it`;
  return { level: "warning", text };
}
