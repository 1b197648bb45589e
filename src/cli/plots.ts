import { parseHTML } from "linkedom/worker";
import { type PairValues, pairValues } from "../association/pairValues.ts";
import type { RunOptions } from "../association/run.ts";
import type { GeneTable, PairBatch } from "../association/tables.ts";
import type { Cohort, Message } from "../cohort/cohort.ts";
import { createBackend } from "../node/backends.ts";
import { type FigureName, figureNames } from "../report/captions.ts";
import { dotCollector, manhattanCollector } from "../report/collect.ts";
import { expressionByGenotype } from "../report/genotype.ts";
import { type GenomeLayout, geneLayout, variantLayout } from "../report/layout.ts";
import { leadDistance } from "../report/leadDistance.ts";
import {
  anchorText,
  type Lead,
  type LeadFacts,
  significantDistances,
  strongestLeads,
} from "../report/leads.ts";
import { manhattan } from "../report/manhattan.ts";
import { isScreened, type MapFacts } from "../report/mapFacts.ts";
import type { DrawnFigure } from "../report/mapReport.ts";
import { count, geneName } from "../report/numbers.ts";
import { qq } from "../report/qq.ts";
import { qualityFigures } from "../report/quality.ts";
import { regionFigure } from "../report/regions.ts";
import type { NamedFigure } from "../report/report.ts";
import { transDots } from "../report/transDots.ts";
import { type Hub, hubCollector } from "../report/transHubs.ts";
import { geneModels, type Locus, lociOf } from "./loci.ts";
import { besideTheMap } from "./warnings.ts";

/** Follows a run, batch by batch in bounded memory, and draws it when it has ended. */
export interface Plotter {
  add(batch: PairBatch): void;
  /** Of a trans map that is screened: variants with several genes. */
  hubs(): readonly Hub[] | undefined;
  /** The plots that have something to show. One that cannot be drawn is left out with a warning. */
  figures(facts: MapFacts): Promise<DrawnFigure[]>;
  /** What a reviewer looks at. */
  quality(facts: MapFacts): NamedFigure[];
  /** Regional plots of the strongest genes, `most` of them. */
  loci(facts: MapFacts, most: number): Promise<NamedFigure[]>;
}

/** What plots need of a cohort: opened from its files, or kept with the parts of a map. */
export interface PlottedCohort {
  readonly variants: GenomeLayout;
  readonly genes: GeneTable;
  /** Variant by its index in the source, gene by that in `genes`. */
  values(variant: number, gene: number): Promise<PairValues>;
  /** What is drawn around leads; fewer where some are not there. */
  loci(facts: Pick<MapFacts, "map">, leads: readonly LedLocus[]): Promise<readonly Locus[]>;
}

/** What regional plots are tested with. */
export type PlotRun = Pick<RunOptions, "memory" | "signal">;

/** A lead, and the number of its variant in the source. */
export interface LedLocus {
  readonly lead: Lead;
  readonly variant: number;
}

/**
 * `annotation`: a file of genes, for regional plots. These are tested on the caller's thread, so that the threads of a
 * map and their memory can be gone by then: products of one gene are too small to be shared.
 */
export function plottedCohort(cohort: Cohort, run: PlotRun, annotation?: string): PlottedCohort {
  return {
    variants: variantLayout(cohort.tables.genotypes),
    genes: cohort.genes,
    values: (variant, gene) => pairValues(cohort, variant, gene),
    async loci({ map }, leads) {
      // A map that cis signals were projected out of has other covariates for each gene.
      if (leads.length === 0 || (map.kind === "trans" && map.regressCis !== undefined)) return [];
      const models = await geneModels(cohort.genes, annotation);
      const backend = await createBackend("wasm", { threads: 0 });
      try {
        return await lociOf(cohort, map, { ...run, backend }, leads, models);
      } finally {
        await backend.dispose();
      }
    },
  };
}

/** The strongest genes of a map, at most `most`, with their lead variants. */
export function strongestLoci(facts: LeadFacts, most: number): LedLocus[] {
  return strongestLeads(facts, most).map((lead) => ({
    lead,
    variant: facts.result.leads.leadVariant[lead.index]!,
  }));
}

const NAMED_GENES = 12;

export function plotter(
  map: MapFacts["map"],
  cohort: PlottedCohort,
  onMessage: (message: Message) => void,
): Plotter {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const canvas = { document };
  const { variants } = cohort;
  const genes = geneLayout(cohort.genes);
  const points = manhattanCollector(variants);
  const hubs = map.kind === "trans" && isScreened(map.pValue) ? hubCollector() : undefined;
  const dots = map.kind === "trans" ? dotCollector(variants, genes, cohort.genes) : undefined;

  const draw: Readonly<Record<FigureName, (facts: MapFacts) => string | Promise<string>>> = {
    manhattan(facts) {
      const { tests } = facts.result.counts;
      return manhattan(canvas, {
        layout: variants,
        points: points.result(),
        labels: strongestLeads(facts, NAMED_GENES).map((lead) => ({
          ...lead,
          text: geneName(cohort.genes, lead.index, 24),
        })),
        line: { log10P: Math.log10(0.05 / tests), text: `0.05 / ${count(tests)} tests` },
        ...(map.kind === "trans" ? { cutoff: -Math.log10(map.pValue) } : {}),
      });
    },
    qq: (facts) => qq(canvas, facts.result.null),
    async "expression-by-genotype"(facts) {
      const [lead] = strongestLeads(facts, 1);
      if (lead === undefined) throw new Error("no gene has a lead variant");
      const values = await cohort.values(facts.result.leads.leadVariant[lead.index] ?? 0, lead.index);
      const adjusted = facts.cohort.report.covariatesUsed.length > 0;
      return expressionByGenotype(canvas, {
        ...lead,
        genotype: values.genotype,
        expression: adjusted ? values.residual : values.expression,
        valueLabel: adjusted ? "Expression, covariates removed" : "Expression",
      });
    },
    "lead-distance": (facts) =>
      leadDistance(canvas, {
        distance: significantDistances(facts),
        window: map.kind === "cis" ? Math.max(1, map.window) : 1,
        from: anchorText(map),
      }),
    "variant-by-gene"() {
      const found = dots?.result() ?? {
        x: new Float64Array(0),
        y: new Float64Array(0),
        gene: new Int32Array(0),
      };
      return transDots(canvas, { variants, genes, points: found, geneTable: cohort.genes });
    },
  };

  return {
    add(batch) {
      points.add(batch);
      dots?.add(batch);
      hubs?.add(batch);
    },
    hubs: () => hubs?.result(),
    async figures(facts) {
      const drawn: DrawnFigure[] = [];
      for (const name of figureNames(facts)) {
        try {
          drawn.push({ name, svg: await draw[name](facts) });
        } catch (error) {
          onMessage(besideTheMap(`${name}.svg could not be drawn`, error));
        }
      }
      return drawn;
    },
    quality(facts) {
      try {
        return qualityFigures(canvas, facts);
      } catch (error) {
        onMessage(besideTheMap("the plots of quality could not be drawn", error));
        return [];
      }
    },
    async loci(facts, most) {
      try {
        const loci = await cohort.loci(facts, strongestLoci(facts, most));
        return loci.map(({ region }, i) => regionFigure(canvas, region, `locus-${i + 1}`));
      } catch (error) {
        onMessage(besideTheMap("the regional plots could not be drawn", error));
        return [];
      }
    },
  };
}
