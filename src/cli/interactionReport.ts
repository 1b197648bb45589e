import { parseHTML } from "linkedom/worker";
import type { PairBatch } from "../association/tables.ts";
import { manhattanCollector, type Points } from "../report/collect.ts";
import { type GenePairs, RegionCollector } from "../report/collectRegions.ts";
import { type ContextMap, type InteractionFacts, strongestInteractions } from "../report/interactionFacts.ts";
import { type InteractionFigure, interactionReport } from "../report/interactionReport.ts";
import type { GenomeLayout } from "../report/layout.ts";
import { type ManhattanData, manhattan } from "../report/manhattan.ts";
import type { MapFacts } from "../report/mapFacts.ts";
import { count, geneName } from "../report/numbers.ts";
import { qq } from "../report/qq.ts";
import { regionFigure } from "../report/regions.ts";
import type { Illustrated, NamedFigure } from "../report/report.ts";
import { REPORT_LOCI } from "../report/reportLoci.ts";
import { interactionLines } from "./interactionSummary.ts";
import { modelOf, modelsIn } from "./loci.ts";
import type { MapOptions } from "./options.ts";
import { type PageParts, pageManifest, warningsOf } from "./reportFiles.ts";

/** Names beside the strongest points. */
const NAMED_GENES = 12;

/** Follows the pairs of maps of interactions, batch by batch in bounded memory, for their plots. */
export class InteractionPoints {
  readonly layout: GenomeLayout;
  readonly loci: number;
  readonly #maps: readonly ReturnType<typeof manhattanCollector>[];
  readonly #regions: readonly RegionCollector[];

  /** `loci`: regional plots of a map, of which only cis has any. */
  constructor(layout: GenomeLayout, maps: number, loci: number) {
    this.layout = layout;
    this.loci = loci;
    this.#maps = Array.from({ length: maps }, () => manhattanCollector(layout));
    this.#regions = Array.from({ length: maps }, () => new RegionCollector(loci));
  }

  readonly add = (batch: PairBatch, map: number): void => {
    this.#maps[map]!.add(batch);
    this.#regions[map]!.add(batch);
  };

  /** The pairs of one of the strongest genes of a map. */
  pairs(map: number, gene: number): GenePairs | undefined {
    return this.#regions[map]!.of(gene);
  }

  of(map: number): Points {
    return this.#maps[map]!.result();
  }
}

/** Of each context: the pairs along the genome, and QQ plots of the null sample by OLS and by HC3; by GLS alone where samples are not independent. */
export function interactionFigures(facts: InteractionFacts, points: InteractionPoints): InteractionFigure[] {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const { map, maps } = facts;
  return maps.flatMap((one, i) => {
    const { context, result } = one;
    const suffix = maps.length === 1 ? "" : `-${i + 1}`;
    const figures: InteractionFigure[] = [];
    if ((map.kind === "cis" ? result.counts.tests : result.counts.hits) > 0) {
      const svg = manhattan(
        { document },
        { ...manhattanOf(facts, one), ...{ layout: points.layout, points: points.of(i) } },
      );
      figures.push({ name: `manhattan${suffix}`, context, shows: "pairs", svg });
    }
    if (result.null.log10P.length === 0) return figures;
    const robust = result.nullLog10PHc3.filter((value) => !Number.isNaN(value));
    const title = (test: string): string => `QQ plot of g x ${context}, ${test}`;
    const test = facts.cohort.covariance === undefined ? "OLS" : "GLS";
    const plain = qq({ document }, { ...result.null, title: title(test) });
    figures.push({ name: `qq${suffix}`, context, shows: test, svg: plain });
    if (test === "GLS") return figures;
    const hc3 = qq({ document }, { log10P: robust, lambda: result.lambdaHc3, title: title("HC3") });
    figures.push({ name: `qq-hc3${suffix}`, context, shows: "HC3", svg: hc3 });
    return figures;
  });
}

/** How many regional plots a map has: those of trans have too few pairs of a gene to draw. */
export function lociOfMap({ kind }: MapFacts["map"], { reportLoci = REPORT_LOCI }: MapOptions): number {
  return kind === "cis" ? reportLoci : 0;
}

/** Regional plots of the strongest genes of each context. */
export function interactionLoci(facts: InteractionFacts, points: InteractionPoints): NamedFigure[] {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const { cohort, maps } = facts;
  const { genes } = cohort;
  const models = genes.id.map((_, gene) => modelOf(genes, gene));
  return maps.flatMap((one, m) =>
    strongestInteractions(one, points.loci).flatMap(({ gene }, i): NamedFigure[] => {
      const pairs = points.pairs(m, gene);
      if (pairs === undefined || pairs.id.length === 0) return [];
      const { id, position, log10P } = pairs;
      const start = position.reduce((a, b) => Math.min(a, b));
      const end = position.reduce((a, b) => Math.max(a, b));
      const place = { chromosome: genes.chromosome[gene]!, start, end };
      const region = {
        ...{ gene: genes.id[gene]!, symbol: genes.symbol?.[gene] ?? "", ...place, id, position, log10P },
        ...{ lead: id.indexOf(one.result.leads.lead.id[gene]!), r2: undefined, context: one.context },
        genes: modelsIn(models, place, { table: genes, gene }),
      };
      const suffix = maps.length === 1 ? "" : `-${m + 1}`;
      return [regionFigure({ document }, region, `locus-${i + 1}${suffix}`)];
    }),
  );
}

/** The names, the line and the title of a context's plot of pairs. */
function manhattanOf(
  { map, cohort }: InteractionFacts,
  one: ContextMap,
): Omit<ManhattanData, "layout" | "points"> {
  const { leads, counts } = one.result;
  return {
    labels: strongestInteractions(one, NAMED_GENES).map(({ gene }) => ({
      text: geneName(cohort.genes, gene, 24),
      chromosome: leads.lead.chromosome[gene]!,
      position: leads.lead.position[gene]!,
      log10P: leads.log10P[gene]!,
    })),
    line: { log10P: Math.log10(0.05 / counts.tests), text: `0.05 / ${count(counts.tests)} tests` },
    ...(map.kind === "trans" ? { cutoff: -Math.log10(map.pValue) } : {}),
    title: `Manhattan plot of g x ${one.context}`,
  };
}

/** The page. Nothing in it depends on backend, threads, memory or the clock. */
export function interactionPage(
  facts: InteractionFacts,
  figures: readonly InteractionFigure[],
  loci: readonly NamedFigure[],
  parts: PageParts,
): Illustrated {
  const manifest = pageManifest(`${facts.map.kind} --interaction`, parts);
  const lines = facts.maps.map((one) => interactionLines(facts, one));
  const page = interactionReport(facts, lines, figures, warningsOf(parts.messages), manifest);
  return { ...page, figures: [...page.figures, ...loci] };
}
