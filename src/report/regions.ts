import { canonicalChromosome } from "../cohort/chromosomes.ts";
import type { GeneModel } from "../formats/geneModels.ts";
import { bases, counted, shorten } from "./numbers.ts";
import { type RegionalData, regionalPlot } from "./regional.ts";
import type { NamedFigure } from "./report.ts";
import type { Canvas } from "./svg.ts";

/** What the regional plot of a gene is drawn from: plain values, so that it can be kept. */
export interface LocusRegion extends Pick<RegionalData, "id" | "position" | "log10P" | "lead"> {
  readonly gene: string;
  /** Empty where it is not known. */
  readonly symbol: string;
  readonly chromosome: string;
  readonly start: number;
  readonly end: number;
  readonly r2: Float64Array | undefined;
  readonly genes: readonly GeneModel[];
  /** What the effect changes with, of an interaction. */
  readonly context?: string | undefined;
}

/** The regional plot of a gene, for the section of top loci. */
export function regionFigure(canvas: Canvas, region: LocusRegion, name: string): NamedFigure {
  const { gene, symbol, chromosome, start, end, id, position, log10P, lead, r2, genes, context } = region;
  const named = shorten(symbol === "" ? gene : symbol, 40);
  const what = context === undefined ? named : `${named} × ${context}`;
  const places = canonicalChromosome(chromosome);
  const title = `${what}, chromosome ${places}`;
  const picture = regionalPlot(canvas, {
    ...{ start, end, id, position, log10P, lead, r2, chromosome: places, title },
    ...(genes.length === 0 ? {} : { genes, focus: gene }),
  });
  const colours =
    r2 === undefined
      ? ""
      : " Colours: r² with the lead in these samples; variants of a warm colour that rise with it cannot be told from it.";
  const models = genes.length === 0 ? "" : " Below: genes, the tested one in bold.";
  return {
    name,
    place: "loci",
    title: `${what}${id[lead] === undefined ? "" : `, lead ${shorten(id[lead]!, 30)}`}`,
    caption: `${context === undefined ? "Association" : `Change of the effect with ${context}`}: ${counted(id.length, "variant")} in ${bases(end - start)}.${colours}${models}`,
    svg: picture.svg,
  };
}
