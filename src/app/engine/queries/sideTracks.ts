import { canonicalChromosome } from "../../../cohort/chromosomes.ts";
import { type GeneModel, readGeneModels } from "../../../formats/geneModels.ts";
import { readGwas } from "../../../formats/gwas.ts";
import { type RecombinationMap, readRecombination } from "../../../formats/recombination.ts";
import { log10 } from "../../../statistics/elementary.ts";
import { log10NormalTwoSided } from "../../../statistics/normal.ts";
import { inflateInPage } from "../../inflate.ts";
import type { GeneColumns, GwasColumns, GwasLocus, Region, RegionTracks } from "../answers.ts";
import type { SideFiles } from "../result.ts";

/** A GWAS on one chromosome, along it. */
interface GwasChromosome {
  readonly id: readonly string[];
  readonly position: Int32Array;
  readonly effect: readonly string[];
  readonly other: readonly string[];
  readonly z: Float64Array;
  readonly log10P: Float64Array;
}

/** A locus begins at this p; where none reaches it, at {@link WEAK}. */
const STRONG = log10(5e-8);
const WEAK = log10(1e-5);
/** Base pairs on either side of a locus' lead. */
const REACH = 500_000;
/** Of genes around it, as cis maps have it. */
const WINDOW = 1_000_000;
const MOST_LOCI = 500;

/** The files beside a result: gene models, recombination, a GWAS. Each is read when it is first asked for, and held. */
export class SideTracks {
  readonly #files: SideFiles;
  #models: Promise<ReadonlyMap<string, readonly GeneModel[]>> | undefined;
  #recombination: Promise<ReadonlyMap<string, RecombinationMap>> | undefined;
  #gwas: Promise<ReadonlyMap<string, GwasChromosome>> | undefined;

  constructor(files: SideFiles) {
    this.#files = files;
  }

  async region(region: Region, genes: GeneColumns): Promise<RegionTracks> {
    const chromosome = canonicalChromosome(region.chromosome);
    const recombination = (await this.#rates())?.get(chromosome);
    const gwas = (await this.#gwasRows())?.get(chromosome);
    return {
      genes: await this.#genesIn({ ...region, chromosome }, genes),
      ...(recombination === undefined ? {} : { recombination: ratesIn(recombination, region) }),
      ...(gwas === undefined ? {} : { gwas: gwasIn(gwas, region) }),
    };
  }

  /** Strongest first: each locus' lead, half a megabase around it, and the genes tested near it. */
  async loci(genes: GeneColumns): Promise<GwasLocus[]> {
    const rows = await this.#gwasRows();
    if (rows === undefined) return [];
    const found = [...rows].flatMap(([chromosome, own]) => leadsOf(chromosome, own, STRONG));
    const loci =
      found.length > 0 ? found : [...rows].flatMap(([chromosome, own]) => leadsOf(chromosome, own, WEAK));
    return loci
      .map((locus) => ({ ...locus, genes: genesNear(genes, locus) }))
      .filter((locus) => locus.genes.length > 0)
      .sort((a, b) => a.log10P - b.log10P)
      .slice(0, MOST_LOCI);
  }

  /** Models of the annotation; without one the bodies of the genes tested. */
  async #genesIn({ chromosome, start, end }: Region, genes: GeneColumns): Promise<GeneModel[]> {
    const inside = ({ start: from, end: to }: { start: number; end: number }) => to >= start && from <= end;
    if (this.#files.annotation !== undefined) {
      const { annotation } = this.#files;
      this.#models ??= readGeneModels(annotation, inflateInPage).then(byName);
      return ((await this.#models).get(chromosome) ?? []).filter(inside);
    }
    return [...genes.id.keys()].flatMap((g): GeneModel[] => {
      const body = { start: genes.start[g]!, end: genes.end[g]! };
      if (canonicalChromosome(genes.chromosome[g]!) !== chromosome || !inside(body)) return [];
      const strand =
        genes.strand[g] === "+" || genes.strand[g] === "-" ? (genes.strand[g] as "+" | "-") : ".";
      return [{ id: genes.id[g]!, symbol: genes.symbol[g] ?? "", strand, ...body, exons: new Int32Array(0) }];
    });
  }

  async #rates(): Promise<ReadonlyMap<string, RecombinationMap> | undefined> {
    const { recombination } = this.#files;
    if (recombination === undefined) return undefined;
    this.#recombination ??= readRecombination(recombination, inflateInPage).then(byName);
    return this.#recombination;
  }

  async #gwasRows(): Promise<ReadonlyMap<string, GwasChromosome> | undefined> {
    const { gwas } = this.#files;
    if (gwas === undefined) return undefined;
    this.#gwas ??= readChromosomes(gwas);
    return this.#gwas;
  }
}

function byName<T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return new Map([...map].map(([name, value]) => [canonicalChromosome(name), value]));
}

async function readChromosomes(
  source: NonNullable<SideFiles["gwas"]>,
): Promise<ReadonlyMap<string, GwasChromosome>> {
  const rows = new Map<
    string,
    { id: string; position: number; effect: string; other: string; z: number; log10P: number }[]
  >();
  await readGwas(source, inflateInPage, ({ id, chromosome, position, effect, other, z, p }) => {
    if (position === 0 || chromosome === "") return;
    const name = canonicalChromosome(chromosome);
    const own = rows.get(name) ?? [];
    rows.set(name, own);
    const log10P = p > 0 ? log10(p) : log10NormalTwoSided(Math.abs(z));
    own.push({ id: id === "" ? `${name}:${position}` : id, position, effect, other, z, log10P });
  });
  return new Map(
    [...rows].map(([name, own]) => {
      own.sort((a, b) => a.position - b.position);
      const chromosome: GwasChromosome = {
        id: own.map(({ id }) => id),
        position: Int32Array.from(own, ({ position }) => position),
        effect: own.map(({ effect }) => effect),
        other: own.map(({ other }) => other),
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
): Uint32Array {
  const near = [...genes.id.keys()].filter(
    (g) =>
      genes.numVariants[g]! > 0 &&
      canonicalChromosome(genes.chromosome[g]!) === chromosome &&
      position >= genes.start[g]! - WINDOW &&
      position <= genes.end[g]! + WINDOW,
  );
  const strength = (g: number): number => (Number.isNaN(genes.log10P[g]!) ? 1 : genes.log10P[g]!);
  return Uint32Array.from(near.sort((a, b) => strength(a) - strength(b) || a - b));
}

function gwasIn(
  { id, position, effect, other, z, log10P }: GwasChromosome,
  { start, end }: Region,
): GwasColumns {
  const [from, to] = [firstFrom(position, start), firstFrom(position, end + 1)];
  return {
    variant: id.slice(from, to),
    position: position.slice(from, to),
    effectAllele: effect.slice(from, to),
    otherAllele: other.slice(from, to),
    z: z.slice(from, to),
    log10P: log10P.slice(from, to),
  };
}

/** From the point before the region, whose rate reaches into it. */
function ratesIn({ position, rate }: RecombinationMap, { start, end }: Region): RecombinationMap {
  const from = Math.max(0, firstFrom(position, start) - 1);
  const to = firstFrom(position, end + 1);
  return { position: position.slice(from, to), rate: rate.slice(from, to) };
}

/** The first place whose value is at least `value`. */
function firstFrom(sorted: Int32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
