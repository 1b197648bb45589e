import { parseHTML } from "linkedom";
import { pairValues } from "../association/pairValues.ts";
import type { PairBatch } from "../association/tables.ts";
import type { Cohort } from "../cohort/cohort.ts";
import { dotCollector, manhattanCollector } from "../report/collect.ts";
import { expressionByGenotype } from "../report/genotype.ts";
import { geneLayout, variantLayout } from "../report/layout.ts";
import { leadDistance } from "../report/leadDistance.ts";
import { isStranded, significantDistances } from "../report/leads.ts";
import { manhattan } from "../report/manhattan.ts";
import type { DrawnFigure } from "../report/mapReport.ts";
import { count } from "../report/numbers.ts";
import { qq } from "../report/qq.ts";
import { transDots } from "../report/transDots.ts";
import { type MapFacts, SIGNIFICANT_Q, topLeads } from "./summary.ts";

/** Follows a run, batch by batch in bounded memory, and draws it when it has ended. */
export interface Plotter {
  add(batch: PairBatch): void;
  figures(facts: MapFacts): Promise<DrawnFigure[]>;
}

const NAMED_GENES = 12;

/** `window`: half the width of the axis of lead distances (cis only). */
export function plotter(kind: MapFacts["kind"], cohort: Cohort, window: number): Plotter {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const canvas = { document };
  const variants = variantLayout(cohort.tables.genotypes);
  const genes = geneLayout(cohort.genes);
  const points = manhattanCollector(variants);
  const dots = kind === "trans" ? dotCollector(variants, genes, cohort.genes) : undefined;

  const manhattanFigure = (facts: MapFacts): DrawnFigure => {
    const { counts, leads } = facts.result;
    const line =
      counts.tests > 0
        ? { line: { log10P: Math.log10(0.05 / counts.tests), text: `0.05 / ${count(counts.tests)} tests` } }
        : {};
    return {
      name: "manhattan",
      svg: manhattan(canvas, {
        layout: variants,
        points: points.result().points,
        labels: topLeads(facts, NAMED_GENES).map((lead) => ({
          text: lead.gene,
          chromosome: leads.lead.chromosome[lead.index] ?? "",
          position: leads.lead.position[lead.index] ?? 0,
          log10P: lead.log10P,
        })),
        ...line,
      }),
    };
  };

  const qqFigure = (facts: MapFacts): DrawnFigure => ({
    name: "qq",
    svg: qq(canvas, facts.result.null),
  });

  const genotypeFigure = async (facts: MapFacts): Promise<DrawnFigure[]> => {
    const [lead] = topLeads(facts, 1);
    if (lead === undefined) return [];
    const values = await pairValues(cohort, facts.result.leads.leadVariant[lead.index] ?? 0, lead.index);
    const adjusted = cohort.report.covariatesUsed.length > 0;
    const { gene, variant, effectAllele, otherAllele, slope, slopeSe, log10P } = lead;
    return [
      {
        name: "expression-by-genotype",
        svg: expressionByGenotype(canvas, {
          ...{ gene, variant, effectAllele, otherAllele, slope, slopeSe, log10P },
          genotype: values.genotype,
          expression: adjusted ? values.residual : values.expression,
          valueLabel: adjusted ? "Expression, covariates removed" : "Expression",
        }),
      },
    ];
  };

  const distanceFigure = (facts: MapFacts): DrawnFigure => ({
    name: "lead-distance",
    svg: leadDistance(canvas, {
      distance: significantDistances(cohort.genes, facts.result.leads, SIGNIFICANT_Q),
      window: Math.max(1, window),
      stranded: isStranded(cohort.genes),
    }),
  });

  return {
    add(batch) {
      points.add(batch);
      dots?.add(batch);
    },
    async figures(facts) {
      const last: DrawnFigure =
        dots === undefined
          ? distanceFigure(facts)
          : {
              name: "variant-by-gene",
              svg: transDots(canvas, { variants, genes, points: dots.result(), geneTable: cohort.genes }),
            };
      return [manhattanFigure(facts), qqFigure(facts), ...(await genotypeFigure(facts)), last];
    },
  };
}
