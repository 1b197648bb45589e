import { expressionByGenotype } from "../../report/genotype.ts";
import { leadDistance } from "../../report/leadDistance.ts";
import { manhattan } from "../../report/manhattan.ts";
import { count, shorten } from "../../report/numbers.ts";
import { qq } from "../../report/qq.ts";
import { type Illustrated, type NamedFigure, reportHtml } from "../../report/report.ts";
import { transDots } from "../../report/transDots.ts";
import type { GeneColumns, ResultView } from "../engine/protocol.ts";
import { engine } from "./engine.ts";
import { ofResult } from "./parts/resultAnswers.ts";
import { testsOf } from "./parts/testsOf.ts";
import { plainReport, type Shown } from "./plainReport.ts";

/** Points of a drawn map: more would only cover each other. */
const POINTS = 200_000;
const NAMED = 12;

/**
 * The open result's report: the command line's as it is, that of a run in this page, or a plain one of what the result itself says; of a map of
 * interactions that of the context that was chosen.
 */
export async function reportOf(
  result: ResultView,
): Promise<{ readonly html: Blob } | { readonly page: Illustrated }> {
  const report = await engine.report();
  if (report !== undefined && "html" in report) return report;
  const shown = await shownOf(result);
  return { page: await illustrated(report?.page ?? plainReport(shown), shown) };
}

async function shownOf(result: ResultView): Promise<Shown> {
  if (result.kind === "network") return { result, genes: undefined, sample: undefined };
  const [genes, sample] = await Promise.all([
    ofResult("genes").catch(() => undefined),
    ofResult("nullSample").catch(() => undefined),
  ]);
  return { result, genes, sample };
}

/** The same as a file. */
export async function reportFile(result: ResultView): Promise<Blob> {
  const report = await reportOf(result);
  return "html" in report ? report.html : new Blob([reportHtml(report.page)], { type: "text/html" });
}

/** `page` with its plots drawn; one that cannot be (its table is not there) is left out. */
async function illustrated(page: Illustrated, shown: Shown): Promise<Illustrated> {
  const figures: NamedFigure[] = [];
  for (const figure of page.figures) {
    const drawn = figure.svg !== "" ? figure.svg : await draw(figure.name, shown).catch(() => undefined);
    if (drawn !== undefined) figures.push({ ...figure, svg: drawn });
  }
  return { ...page, figures };
}

async function draw(name: string, { result, genes, sample }: Shown): Promise<string | undefined> {
  const canvas = { document };
  if (genes === undefined) return undefined;
  if (name === "manhattan") return drawMap(genes, result);
  if (name === "qq") return sample && qq(canvas, sample);
  if (name === "lead-distance") {
    const led = [...genes.q.keys()].filter(
      (g) => genes.q[g]! <= result.significantQ && genes.variant[g] !== "",
    );
    const distance = Float64Array.from(led, (g) => genes.position[g]! - genes.start[g]!);
    const { options } = result.manifest as { readonly options?: { readonly window?: number } };
    return leadDistance(canvas, { distance, window: options?.window ?? 1_000_000, from: "first base" });
  }
  if (name === "variant-by-gene") return drawDots(genes, result);
  return name === "expression-by-genotype" ? drawStrongest(genes) : undefined;
}

async function pointsOf({ context }: GeneColumns) {
  const { x, y, gene } = await engine.points(POINTS, context);
  return { x, y: Float64Array.from(y), gene: Int32Array.from(gene) };
}

async function drawMap(genes: GeneColumns, result: ResultView): Promise<string> {
  const { layout: spans, manifest, kind } = result;
  const points = await pointsOf(genes);
  const tests = testsOf(result, genes) || points.x.length;
  const { options } = manifest as { readonly options?: { readonly pValue?: number } };
  const cutoff = kind === "trans" ? -Math.log10(options?.pValue ?? 1e-5) : undefined;
  const named = strongest(genes).slice(0, NAMED);
  const chromosome = leadChromosomes(points, genes, spans);
  return manhattan(
    { document },
    {
      layout: { spans, length: lengthOf(spans) },
      points,
      labels: named.map((g) => ({
        text: shorten(genes.symbol[g] || genes.id[g]!, 24),
        chromosome: chromosome(g),
        position: genes.position[g]!,
        log10P: genes.log10P[g]!,
      })),
      line: { log10P: Math.log10(0.05 / tests), text: `0.05 / ${count(tests)} tests` },
      ...(cutoff === undefined ? {} : { cutoff }),
    },
  );
}

async function drawDots(genes: GeneColumns, { layout: spans }: ResultView): Promise<string> {
  const layout = { spans, length: lengthOf(spans) };
  const geneTable = { chromosome: genes.chromosome, start: genes.start };
  return transDots(
    { document },
    { variants: layout, genes: layout, points: await pointsOf(genes), geneTable },
  );
}

async function drawStrongest(genes: GeneColumns): Promise<string | undefined> {
  const [g] = strongest(genes);
  if (g === undefined) return undefined;
  const [gene, variant] = [genes.id[g]!, genes.variant[g]!];
  const values = await engine.values({ gene, variant });
  if (values === undefined) return undefined;
  const { genotype, residual: expression, effectAllele, otherAllele } = values;
  const [slope, slopeSe, log10P] = [genes.slope[g]!, genes.slopeSe[g]!, genes.log10P[g]!];
  return expressionByGenotype(
    { document },
    {
      ...{ gene, variant, effectAllele, otherAllele, genotype, expression, slope, slopeSe, log10P },
      valueLabel: "Expression, covariates removed",
    },
  );
}

/** Rows of genes with a lead variant, strongest first. */
function strongest(genes: GeneColumns): number[] {
  const rows = [...genes.id.keys()].filter((g) => genes.variant[g] !== "" && genes.log10P[g]! <= 0);
  return rows.sort((a, b) => genes.log10P[a]! - genes.log10P[b]! || a - b);
}

/** The chromosome of a gene's lead: in a trans map not the gene's own. */
function leadChromosomes(
  points: { readonly x: Float64Array; readonly y: Float64Array; readonly gene: Int32Array },
  genes: GeneColumns,
  spans: ResultView["layout"],
): (g: number) => string {
  const best = new Map<number, number>();
  points.gene.forEach((g, i) => {
    const held = best.get(g);
    if (held === undefined || points.y[i]! > points.y[held]!) best.set(g, i);
  });
  return (g) => {
    const point = best.get(g);
    if (point === undefined) return genes.chromosome[g]!;
    return spans.findLast(({ offset }) => offset <= points.x[point]!)?.name ?? genes.chromosome[g]!;
  };
}

function lengthOf(spans: ResultView["layout"]): number {
  const last = spans[spans.length - 1];
  return last === undefined ? 1 : Math.max(1, last.offset + last.last - last.first);
}
