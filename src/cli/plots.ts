import { parseHTML } from "linkedom";
import { pairValues } from "../association/pairValues.ts";
import type { PairBatch } from "../association/tables.ts";
import type { Cohort } from "../cohort/cohort.ts";
import { alleleName } from "../report/alleles.ts";
import { dotCollector, manhattanCollector } from "../report/collect.ts";
import { expressionByGenotype } from "../report/genotype.ts";
import { geneLayout, variantLayout } from "../report/layout.ts";
import { leadDistance } from "../report/leadDistance.ts";
import { manhattan } from "../report/manhattan.ts";
import { count } from "../report/numbers.ts";
import { qq } from "../report/qq.ts";
import { transDots } from "../report/transDots.ts";
import { type MapFacts, significantDistances, topLeads } from "./summary.ts";

/** A plot of the map, to be written as `<name>.svg` and shown in the report. */
export interface Figure {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly svg: string;
}

/** Follows a run, batch by batch in bounded memory, and draws it when it has ended. */
export interface Plotter {
  add(batch: PairBatch): void;
  figures(facts: MapFacts): Promise<Figure[]>;
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

  const manhattanFigure = (facts: MapFacts): Figure => {
    const { counts, leads } = facts.result;
    const line =
      counts.tests > 0
        ? { line: { log10P: Math.log10(0.05 / counts.tests), text: `0.05 / ${count(counts.tests)} tests` } }
        : {};
    return {
      name: "manhattan",
      title: "Associations along the genome",
      caption:
        "Every pair written, by position of its variant; close points share a mark. The best genes are named.",
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

  const qqFigure = (facts: MapFacts): Figure => ({
    name: "qq",
    title: "Observed and expected p-values",
    caption: `A random sample of the pairs tested, whatever their p. ${
      kind === "cis"
        ? "Near genes true effects are many, so the points leave the diagonal."
        : "Most pairs should lie on the diagonal."
    }`,
    svg: qq(canvas, facts.result.null),
  });

  const genotypeFigure = async (facts: MapFacts): Promise<Figure[]> => {
    const [lead] = topLeads(facts, 1);
    if (lead === undefined) return [];
    const values = await pairValues(cohort, facts.result.leads.leadVariant[lead.index] ?? 0, lead.index);
    const adjusted = cohort.report.covariatesUsed.length > 0;
    const { gene, variant, effectAllele, otherAllele, slope, slopeSe, log10P } = lead;
    return [
      {
        name: "expression-by-genotype",
        title: `${gene} by ${variant}`,
        caption: `The strongest pair: ${adjusted ? "expression with the covariates taken out" : "expression"} of each sample, by copies of ${alleleName(effectAllele)}.`,
        svg: expressionByGenotype(canvas, {
          ...{ gene, variant, effectAllele, otherAllele, slope, slopeSe, log10P },
          genotype: values.genotype,
          expression: adjusted ? values.residual : values.expression,
          valueLabel: adjusted ? "Expression, covariates removed" : "Expression",
        }),
      },
    ];
  };

  const distanceFigure = (facts: MapFacts): Figure => ({
    name: "lead-distance",
    title: "Where the lead variants lie",
    caption: "Distance of the lead variant of each significant gene.",
    svg: leadDistance(canvas, {
      distance: significantDistances(facts),
      window: Math.max(1, window),
      stranded: facts.distanceFrom !== "start",
    }),
  });

  return {
    add(batch) {
      points.add(batch);
      dots?.add(batch);
    },
    async figures(facts) {
      const last =
        dots === undefined
          ? distanceFigure(facts)
          : {
              name: "variant-by-gene",
              title: "Variant position by gene position",
              caption: "A dot a pair; a variant that acts on many genes is a vertical line.",
              svg: transDots(canvas, { variants, genes, points: dots.result(), geneTable: cohort.genes }),
            };
      return [manhattanFigure(facts), qqFigure(facts), ...(await genotypeFigure(facts)), last];
    },
  };
}
