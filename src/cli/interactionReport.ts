import { parseHTML } from "linkedom/worker";
import type { PairBatch } from "../association/tables.ts";
import { manhattanCollector, type Points } from "../report/collect.ts";
import { type ContextMap, type InteractionFacts, strongestInteractions } from "../report/interactionFacts.ts";
import { type InteractionFigure, interactionReport } from "../report/interactionReport.ts";
import type { GenomeLayout } from "../report/layout.ts";
import { type ManhattanData, manhattan } from "../report/manhattan.ts";
import { count, shorten } from "../report/numbers.ts";
import { qq } from "../report/qq.ts";
import type { Illustrated } from "../report/report.ts";
import { interactionLines } from "./interactionSummary.ts";
import { type PageParts, pageManifest, warningsOf } from "./reportFiles.ts";

/** Names beside the strongest points. */
const NAMED_GENES = 12;

/** Follows the pairs of maps of interactions, batch by batch in bounded memory, for their plots. */
export class InteractionPoints {
  readonly layout: GenomeLayout;
  readonly #maps: readonly ReturnType<typeof manhattanCollector>[];

  constructor(layout: GenomeLayout, maps: number) {
    this.layout = layout;
    this.#maps = Array.from({ length: maps }, () => manhattanCollector(layout));
  }

  readonly add = (batch: PairBatch, map: number): void => this.#maps[map]!.add(batch);

  of(map: number): Points {
    return this.#maps[map]!.result();
  }
}

/** Of each context: the pairs along the genome, and QQ plots of the null sample by OLS and by HC3. */
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
    const [ols, hc3] = [
      qq({ document }, { ...result.null, title: title("OLS") }),
      qq({ document }, { log10P: robust, lambda: result.lambdaHc3, title: title("HC3") }),
    ];
    figures.push({ name: `qq${suffix}`, context, shows: "OLS", svg: ols });
    figures.push({ name: `qq-hc3${suffix}`, context, shows: "HC3", svg: hc3 });
    return figures;
  });
}

/** The names, the line and the title of a context's plot of pairs. */
function manhattanOf(
  { map, cohort }: InteractionFacts,
  one: ContextMap,
): Omit<ManhattanData, "layout" | "points"> {
  const { leads, counts } = one.result;
  return {
    labels: strongestInteractions(one, NAMED_GENES).map(({ gene }) => ({
      text: shorten(cohort.genes.id[gene]!, 24),
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
  parts: PageParts,
): Illustrated {
  const manifest = pageManifest(`${facts.map.kind} --interaction`, parts);
  const lines = facts.maps.map((one) => interactionLines(facts, one));
  return interactionReport(facts, lines, figures, warningsOf(parts.messages), manifest);
}
