import { effectByFrequency, signShare } from "./checks.ts";
import { type Lead, significantLeads } from "./leads.ts";
import type { MapFacts } from "./mapFacts.ts";
import { counted } from "./numbers.ts";
import type { NamedFigure } from "./report.ts";
import type { Canvas } from "./svg.ts";

/** Leads with a rarer minor allele than this are looked at by themselves. */
const RARE = 0.05;

/**
 * A slope in standard deviations of what the covariates leave of the gene's expression, by the test alone: r = t / sqrt(t^2 + df) is the slope times
 * the ratio of the standard deviations, of which that of genotypes in equilibrium is sqrt(2 f (1 - f)).
 */
function standardised(
  { slope, slopeSe, af }: Pick<Lead, "slope" | "slopeSe" | "af">,
  degreesOfFreedom: number,
): number {
  const t = slope / slopeSe;
  return t / Math.sqrt((t * t + degreesOfFreedom) * 2 * af * (1 - af));
}

/** What a reviewer asks of a map's significant leads: do effects shrink with frequency as they must, and do they fall as often as they rise. */
export function qualityFigures(canvas: Canvas, facts: MapFacts): NamedFigure[] {
  const leads = significantLeads(facts);
  if (leads.length === 0) return [];
  const { maf } = facts.cohort.filters;
  const group = (text: string, chosen: readonly { readonly slope: number }[]) => ({
    text,
    positive: chosen.filter(({ slope }) => slope > 0).length,
    total: chosen.length,
  });
  const isRare = ({ af }: { readonly af: number }): boolean => Math.min(af, 1 - af) < RARE;
  return [
    {
      name: "effect-frequency",
      place: "quality",
      title: "Size of effects and frequency",
      caption: `${counted(leads.length, "lead variant")} with q ≤ ${facts.significantQ}. Slopes are in standard deviations of the gene's expression beside the covariates, so that genes can be compared. A rare allele needs a large effect to be found, so the cloud falls to the right; single huge effects at its left end are outlying samples or errors more often than biology.`,
      svg: effectByFrequency(canvas, {
        af: Float64Array.from(leads, ({ af }) => af),
        slope: Float64Array.from(leads, (lead) => standardised(lead, facts.cohort.degreesOfFreedom)),
        least: maf,
      }).svg,
    },
    {
      name: "slope-balance",
      place: "quality",
      title: "Do slopes fall as often as they rise?",
      caption: `Share of positive slopes among the leads, with its 95% interval (Wilson). Which allele is counted is arbitrary, so it should lie near one half; the minor allele raises expression about as often as it lowers it. A share far from it hints at alleles that are swapped, at a bias of mapping towards the reference, or at outlying samples.`,
      svg: signShare(canvas, {
        groups: [
          group("all leads", leads),
          group(
            "minor allele counted",
            leads.map(({ af, slope }) => ({ slope: af <= 0.5 ? slope : 0 - slope })),
          ),
          group(
            "the same, below 5%",
            leads.filter(isRare).map(({ af, slope }) => ({ slope: af <= 0.5 ? slope : 0 - slope })),
          ),
        ],
      }).svg,
    },
  ];
}
