import { canonicalChromosome } from "../../../cohort/chromosomes.ts";
import { InputError } from "../../../errors.ts";
import { readGwas } from "../../../formats/gwas.ts";
import type { ByteSource } from "../../../formats/source.ts";
import { counted, thousands } from "../../../formats/wording.ts";
import { log10 } from "../../../statistics/elementary.ts";
import { log10NormalTwoSided } from "../../../statistics/normal.ts";
import { inflateInPage } from "../../inflate.ts";
import type { GeneColumns, GwasColumns, GwasLoci, GwasLocus, Region } from "../answers.ts";
import { turnOf } from "./alleles.ts";

/** A GWAS on one chromosome, along it. */
interface GwasChromosome {
  readonly id: readonly string[];
  readonly position: Int32Array;
  readonly effect: readonly string[];
  readonly other: readonly string[];
  readonly frequency: Float64Array;
  readonly z: Float64Array;
  readonly log10P: Float64Array;
}

/** A locus begins at this p; where none reaches it, at {@link WEAK}. */
const STRONG = log10(5e-8);
const WEAK = log10(1e-5);
/** Base pairs on either side of a locus' lead. */
const REACH = 500_000;
const MOST_LOCI = 500;

/** From so many leads on, or so many names at other positions, the share that is found tells of the build. */
const ENOUGH = 20;
const ENOUGH_MOVED = 3;
/** Below this share of leads at their places the GWAS is of another build: by chance few positions fit, and fewer with their alleles. */
const LEAST_FOUND = 0.05;
/** Below this one something is said. */
const MOST_FOUND = 0.5;

export interface LociOptions {
  /** Base pairs that tested windows reach beyond genes. */
  readonly window: number;
  /** Whether leads are on their genes' chromosomes, so that the GWAS can be compared with them. */
  readonly check: boolean;
}

/** The summary statistics of a trait. They are read when first asked for, and held. */
export class GwasTrack {
  readonly #source: ByteSource;
  #rows: Promise<ReadonlyMap<string, GwasChromosome>> | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Undefined where it has nothing on the chromosome. */
  async within(region: Region): Promise<GwasColumns | undefined> {
    const own = (await this.#chromosomes()).get(region.chromosome);
    return own && gwasIn(own, region);
  }

  /**
   * Strongest first: each locus' lead, half a megabase around it, and the genes whose tested windows, `window` base pairs beyond the gene, hold it.
   * With `check` throws InputError where its variants are not where the leads of `genes` are: another genome build.
   */
  async loci(genes: GeneColumns, { window, check }: LociOptions): Promise<GwasLoci> {
    const rows = await this.#chromosomes();
    const says = check ? this.#checked(genes, rows) : [];
    const found = [...rows].flatMap(([chromosome, own]) => leadsOf(chromosome, own, STRONG));
    const loci =
      found.length > 0 ? found : [...rows].flatMap(([chromosome, own]) => leadsOf(chromosome, own, WEAK));
    return {
      says,
      loci: loci
        .map((locus) => ({ ...locus, genes: genesNear(genes, locus, window) }))
        .filter((locus) => locus.genes.length > 0)
        .sort((a, b) => a.log10P - b.log10P)
        .slice(0, MOST_LOCI),
    };
  }

  #checked(genes: GeneColumns, rows: ReadonlyMap<string, GwasChromosome>): string[] {
    const { checked, found, moved, otherAlleles } = matchOf(genes, rows);
    const share = `${thousands(found)} of ${counted(checked, "lead variant")} of the map`;
    const known = moved + otherAlleles === 0 ? "" : ` (${whereElse(moved, otherAlleles)})`;
    if (found < LEAST_FOUND * checked && (checked >= ENOUGH || moved >= ENOUGH_MOVED)) {
      throw new InputError(
        this.#source.name,
        `has ${share} at their positions with their alleles${known}: it is of another genome build`,
        "lift it over to the build of the genotypes",
      );
    }
    if (checked < ENOUGH || found >= MOST_FOUND * checked) return [];
    return [`The GWAS has ${share} at their positions with their alleles${known}: is it of the same build?`];
  }

  async #chromosomes(): Promise<ReadonlyMap<string, GwasChromosome>> {
    this.#rows ??= readChromosomes(this.#source);
    return this.#rows;
  }
}

function whereElse(moved: number, otherAlleles: number): string {
  return [
    ...(moved > 0 ? [`${thousands(moved)} by name at another position`] : []),
    ...(otherAlleles > 0 ? [`${thousands(otherAlleles)} with other alleles`] : []),
  ].join(", ");
}

/** How many of the genes' leads the GWAS has: at their places with their alleles, there with others, or by name elsewhere. */
function matchOf(genes: GeneColumns, rows: ReadonlyMap<string, GwasChromosome>) {
  const names = new Map<string, number>();
  const seen = new Set<string>();
  const count = { checked: 0, found: 0, moved: 0, otherAlleles: 0 };
  genes.variant.forEach((id, g) => {
    const own = rows.get(canonicalChromosome(genes.chromosome[g]!));
    const at = genes.position[g]!;
    if (id === "" || seen.has(id) || own === undefined) return;
    if (at < own.position[0]! || at > own.position.at(-1)!) return;
    seen.add(id);
    count.checked++;
    const match = matchAt(genes, g, own);
    if (match === "found") count.found++;
    else if (match === "other alleles") count.otherAlleles++;
    else names.set(id, at);
  });
  for (const { id, position } of rows.values()) {
    id.forEach((name, i) => {
      if (names.has(name) && names.get(name) !== position[i]) count.moved++;
    });
  }
  return count;
}

function matchAt(genes: GeneColumns, g: number, own: GwasChromosome): "found" | "other alleles" | "nothing" {
  const at = genes.position[g]!;
  const lead = { effect: genes.effectAllele[g]!, other: genes.otherAllele[g]!, frequency: genes.af[g]! };
  let match: "nothing" | "other alleles" = "nothing";
  for (let i = firstFrom(own.position, at); own.position[i] === at; i++) {
    const theirs = { effect: own.effect[i]!, other: own.other[i]!, frequency: own.frequency[i]! };
    // Without letters on one side the place is all that can be compared.
    if (theirs.effect === "" || lead.effect === "" || turnOf(lead, theirs) !== "other") return "found";
    match = "other alleles";
  }
  return match;
}

/** Throws InputError for a file without positions. */
async function readChromosomes(source: ByteSource): Promise<ReadonlyMap<string, GwasChromosome>> {
  type Row = Omit<Parameters<Parameters<typeof readGwas>[2]>[0], "chromosome" | "p"> & { log10P: number };
  const rows = new Map<string, Row[]>();
  await readGwas(source, inflateInPage, ({ chromosome, p, ...row }) => {
    const { id, position, z } = row;
    if (position === 0 || chromosome === "") return;
    const name = canonicalChromosome(chromosome);
    const own = rows.get(name) ?? [];
    rows.set(name, own);
    const log10P = p > 0 ? log10(p) : log10NormalTwoSided(Math.abs(z));
    own.push({ ...row, id: id === "" ? `${name}:${position}` : id, log10P });
  });
  if (rows.size === 0) {
    throw new InputError(
      source.name,
      "none of its rows has a chromosome and a position",
      "give a file that has them: loci and panels go by place",
    );
  }
  return new Map(
    [...rows].map(([name, own]) => {
      own.sort((a, b) => a.position - b.position);
      const chromosome: GwasChromosome = {
        id: own.map(({ id }) => id),
        position: Int32Array.from(own, ({ position }) => position),
        effect: own.map(({ effect }) => effect),
        other: own.map(({ other }) => other),
        frequency: Float64Array.from(own, ({ frequency }) => frequency),
        z: Float64Array.from(own, ({ z }) => z),
        log10P: Float64Array.from(own, ({ log10P }) => log10P),
      };
      return [name, chromosome];
    }),
  );
}

/** Leads from the strongest on, each half a megabase or more from those before. */
function leadsOf(
  chromosome: string,
  { id, position, log10P }: GwasChromosome,
  limit: number,
): Omit<GwasLocus, "genes">[] {
  const passing = [...log10P.keys()]
    .filter((i) => log10P[i]! <= limit)
    .sort((a, b) => log10P[a]! - log10P[b]! || a - b);
  const leads: Omit<GwasLocus, "genes">[] = [];
  for (const i of passing) {
    const at = position[i]!;
    if (leads.some((lead) => Math.abs(lead.position - at) < REACH)) continue;
    leads.push({
      chromosome,
      start: Math.max(1, at - REACH),
      end: at + REACH,
      variant: id[i]!,
      position: at,
      log10P: log10P[i]!,
    });
    if (leads.length === MOST_LOCI) break;
  }
  return leads;
}

function genesNear(
  genes: GeneColumns,
  { chromosome, position }: Pick<GwasLocus, "chromosome" | "position">,
  window: number,
): Uint32Array {
  const near = [...genes.id.keys()].filter(
    (g) =>
      genes.numVariants[g]! > 0 &&
      canonicalChromosome(genes.chromosome[g]!) === chromosome &&
      position >= genes.start[g]! - window &&
      position <= genes.end[g]! + window,
  );
  const strength = (g: number): number => (Number.isNaN(genes.log10P[g]!) ? 1 : genes.log10P[g]!);
  return Uint32Array.from(near.sort((a, b) => strength(a) - strength(b) || a - b));
}

function gwasIn(
  { id, position, effect, other, frequency, z, log10P }: GwasChromosome,
  { start, end }: Region,
): GwasColumns {
  const [from, to] = [firstFrom(position, start), firstFrom(position, end + 1)];
  return {
    variant: id.slice(from, to),
    position: position.slice(from, to),
    effectAllele: effect.slice(from, to),
    otherAllele: other.slice(from, to),
    frequency: frequency.slice(from, to),
    z: z.slice(from, to),
    log10P: log10P.slice(from, to),
  };
}

/** The first place whose value is at least `value`. */
export function firstFrom(sorted: Int32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
