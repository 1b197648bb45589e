import { type AskedRegion, regionTests } from "../association/regionTests.ts";
import type { RunOptions } from "../association/run.ts";
import type { GeneTable } from "../association/tables.ts";
import { canonicalChromosome } from "../cohort/chromosomes.ts";
import type { Cohort } from "../cohort/cohort.ts";
import { type GeneModel, readGeneModels } from "../formats/geneModels.ts";
import { fileSource } from "../node/files.ts";
import { inflateGzip } from "../node/inflate.ts";
import type { Lead } from "../report/leads.ts";
import type { MapFacts } from "../report/mapFacts.ts";
import type { LocusRegion } from "../report/regions.ts";

/** A gene and its lead variant, by their numbers, with the region that is drawn of them. */
export interface Locus {
  readonly gene: number;
  readonly variant: number;
  readonly region: LocusRegion;
}

/** What is drawn to either side of a variant where no window of the gene was tested: base pairs. */
const REACH = 500_000;

/** The regions of leads, whose variants are numbers of the source: of a cis map the gene's window, else what lies around the variant. */
export async function lociOf(
  cohort: Cohort,
  map: MapFacts["map"],
  run: RunOptions,
  leads: readonly { readonly lead: Lead; readonly variant: number }[],
  models: readonly PlacedModel[],
): Promise<Locus[]> {
  const asked = leads.map(({ lead, variant }): AskedRegion => {
    const { index: gene, position } = lead;
    if (map.kind === "trans" || map.pairs !== undefined)
      return { gene, lead: variant, start: Math.max(1, position - REACH), end: position + REACH };
    const { start, end } = cohort.genes;
    return {
      ...{ gene, lead: variant },
      start: Math.max(1, start[gene]! - map.window),
      end: end[gene]! + map.window,
    };
  });
  const loci: Locus[] = [];
  for await (const tests of regionTests(cohort, run, asked)) {
    const { lead, variant } = leads[loci.length]!;
    const { start, end } = asked[loci.length]!;
    const place = { chromosome: lead.chromosome, start, end };
    loci.push({
      ...{ gene: lead.index, variant },
      region: {
        ...{ gene: lead.gene, symbol: cohort.genes.symbol?.[lead.index] ?? "", ...place, ...tests },
        genes: modelsIn(models, place, { table: cohort.genes, gene: lead.index }),
      },
    });
  }
  return loci;
}

export interface PlacedModel extends GeneModel {
  readonly chromosome: string;
}

/** Genes and their exons as an annotation has them; without one, those of the table, which may be their starts alone. */
export async function geneModels(genes: GeneTable, annotation: string | undefined): Promise<PlacedModel[]> {
  if (annotation === undefined) return genes.id.map((_, gene) => modelOf(genes, gene));
  const source = await fileSource(annotation);
  const read = await readGeneModels(source, inflateGzip).finally(() => source.close());
  return [...read].flatMap(([chromosome, own]) => own.map((model) => ({ ...model, chromosome })));
}

export function modelOf(genes: GeneTable, gene: number): PlacedModel {
  const strand = genes.strand[gene];
  return {
    ...{ id: genes.id[gene]!, symbol: genes.symbol?.[gene] ?? "", chromosome: genes.chromosome[gene]! },
    ...{ start: genes.start[gene]!, end: genes.end[gene]!, exons: new Int32Array(0) },
    strand: strand === "+" || strand === "-" ? strand : ".",
  };
}

/** The models that lie in a region; the tested gene's goes by the id that the table of genes has. */
export function modelsIn(
  models: readonly PlacedModel[],
  { chromosome, start, end }: Pick<LocusRegion, "chromosome" | "start" | "end">,
  { table, gene }: { readonly table: GeneTable; readonly gene: number },
): GeneModel[] {
  const on = canonicalChromosome(chromosome);
  const id = table.id[gene]!;
  const here = models.filter(
    (model) => model.end >= start && model.start <= end && canonicalChromosome(model.chromosome) === on,
  );
  return here.map(({ chromosome: _, ...model }) =>
    unversioned(model.id) === unversioned(id) ? { ...model, id } : model,
  );
}

/** An Ensembl id without its version. */
function unversioned(id: string): string {
  return id.replace(/^(ENS[A-Z]*G\d+)\.\d+$/, "$1");
}
