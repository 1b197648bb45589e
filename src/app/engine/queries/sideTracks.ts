import { canonicalChromosome } from "../../../cohort/chromosomes.ts";
import { type GeneModel, readGeneModels } from "../../../formats/geneModels.ts";
import { type RecombinationMap, readRecombination } from "../../../formats/recombination.ts";
import { inflateInPage } from "../../inflate.ts";
import type { GeneColumns, GwasLoci, Region, RegionTracks } from "../answers.ts";
import type { SideFiles } from "../result.ts";
import { firstFrom, GwasTrack, type LociOptions } from "./gwasTrack.ts";

/** The files beside a result: gene models, recombination, GWAS. Each is read when it is first asked for, and held. */
export class SideTracks {
  readonly #files: SideFiles;
  #models: Promise<ReadonlyMap<string, readonly GeneModel[]>> | undefined;
  #recombination: Promise<ReadonlyMap<string, RecombinationMap>> | undefined;
  /** By the names of their files. */
  readonly #gwas: ReadonlyMap<string, GwasTrack>;

  constructor(files: SideFiles) {
    this.#files = files;
    this.#gwas = new Map(files.gwas?.map((source) => [source.name, new GwasTrack(source)]));
  }

  async region(region: Region, genes: GeneColumns, named?: string): Promise<RegionTracks> {
    const chromosome = canonicalChromosome(region.chromosome);
    const recombination = (await this.#rates())?.get(chromosome);
    const gwas = await this.#gwasOf(named)?.within({ ...region, chromosome });
    return {
      genes: await this.#genesIn({ ...region, chromosome }, genes),
      ...(recombination === undefined ? {} : { recombination: ratesIn(recombination, region) }),
      ...(gwas === undefined ? {} : { gwas }),
    };
  }

  /** Of a GWAS, in tested windows; none without one. */
  async loci(genes: GeneColumns, options: LociOptions, named?: string): Promise<GwasLoci> {
    return (await this.#gwasOf(named)?.loci(genes, options)) ?? { loci: [], says: [] };
  }

  /** Of a name that is not there, as an address may have one, the first. */
  #gwasOf(named: string | undefined): GwasTrack | undefined {
    return this.#gwas.get(named ?? "") ?? [...this.#gwas.values()][0];
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
}

function byName<T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return new Map([...map].map(([name, value]) => [canonicalChromosome(name), value]));
}

/** From the point before the region, whose rate reaches into it. */
function ratesIn({ position, rate }: RecombinationMap, { start, end }: Region): RecombinationMap {
  const from = Math.max(0, firstFrom(position, start) - 1);
  const to = firstFrom(position, end + 1);
  return { position: position.slice(from, to), rate: rate.slice(from, to) };
}
