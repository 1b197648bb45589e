import type { ExpressionSet } from "../cohort/expressionSet.ts";
import { type NetworkType, power as raised, similarity } from "../network/adjacency.ts";
import { moduleColor, moduleHex } from "../network/colors.ts";
import { Correlator } from "../network/correlator.ts";
import type { Measure } from "../network/measure.ts";
import type { ModulesResult } from "../network/modules.ts";
import { SCALE_FREE_FIT } from "../network/scaleFree.ts";
import type { ModuleTraits, Traits } from "../network/traits.ts";
import { modulePicture } from "./modulePicture.ts";
import { count, counted } from "./numbers.ts";
import { overlapMap } from "./overlapMap.ts";
import { powerCurve } from "./powerCurve.ts";
import type { NamedFigure } from "./report.ts";
import type { Canvas } from "./svg.ts";
import { traitMap } from "./traitMap.ts";

export interface ModulesFigureFacts {
  readonly set: ExpressionSet;
  readonly result: ModulesResult;
  readonly measure: Measure;
  readonly type: NetworkType;
  /** Modules drawn as networks, the largest first. */
  readonly pictures: number;
  readonly traits?: { readonly names: Traits["names"]; readonly found: ModuleTraits } | undefined;
}

/** Blocks whose overlap is drawn, the largest first. */
export const MOST_MAPS = 4;
/** Genes of a module's picture. */
export const HUBS_DRAWN = 30;

/** The plots of modules that have something to show. */
export function modulesFigures(canvas: Canvas, facts: ModulesFigureFacts): NamedFigure[] {
  return [
    ...overlapFigures(facts),
    ...traitFigure(facts),
    ...powerFigures(canvas, facts),
    ...pictures(facts),
  ];
}

/** `symbol`, or the id where there is none. */
export function geneName({ symbol, id }: ExpressionSet, gene: number): string {
  return symbol?.[gene] || id[gene]!;
}

/** `3 brown`. */
export function moduleName(label: number): string {
  const colour = moduleColor(label);
  return colour === `module${label}` ? String(label) : `${label} ${colour}`;
}

function overlapFigures({ result }: ModulesFigureFacts): NamedFigure[] {
  const { blocks, labels } = result;
  const drawn = blocks.slice(0, MOST_MAPS);
  return drawn.map(({ genes, tree, overlap }, b) => {
    const own = genes.reduce(
      (sizes, gene) => sizes.set(labels[gene]!, (sizes.get(labels[gene]!) ?? 0) + 1),
      new Map<number, number>(),
    );
    const named = [...own].sort(([a], [b_]) => (a === 0 ? 1 : b_ === 0 ? -1 : a - b_));
    const of = blocks.length > 1 ? `, block ${b + 1} of ${blocks.length}` : "";
    const more =
      blocks.length > drawn.length && b === 0
        ? ` The ${drawn.length} largest of ${blocks.length} blocks are drawn.`
        : "";
    return {
      name: blocks.length > 1 ? `overlap-map-${b + 1}` : "overlap-map",
      title: `Topological overlap${of}`,
      caption: `How much of their neighbourhood each two of ${counted(genes.length, "gene")} share, in the order of the dendrogram (average linkage of 1 − overlap). The strips are the modules as written, joined and checked; grey genes are in none.${more}`,
      svg: overlapMap({
        title: `Topological overlap of ${counted(genes.length, "gene")}${of}`,
        cells: overlap,
        ...{ merge: tree.merge, height: tree.height, order: tree.order },
        colours: Array.from(genes, (gene) => moduleHex(labels[gene]!)),
        modules: named.map(([label, size]) => ({
          colour: moduleHex(label),
          name: label === 0 ? `none (${count(size)})` : `${moduleName(label)} (${count(size)})`,
        })),
      }),
    };
  });
}

function powerFigures(canvas: Canvas, { result }: ModulesFigureFacts): NamedFigure[] {
  const { fits, power } = result;
  if (fits.length === 0) return [];
  const powers = fits.map((fit) => fit.power);
  return [
    {
      name: "scale-free-fit",
      title: "Scale-free fit",
      caption: `How well the connectivities follow a power law (R², with the sign of a falling line), for each soft-thresholding power of the scan. The first above ${SCALE_FREE_FIT} (dashed) is taken where none is given.`,
      svg: powerCurve(canvas, {
        ...{
          title: "Scale-free fit by power",
          text: "Signed R²",
          powers,
          chosen: power,
          limit: SCALE_FREE_FIT,
        },
        values: fits.map(({ rSquared, slope }) => (slope > 0 ? -rSquared : rSquared)),
      }),
    },
    {
      name: "mean-connectivity",
      title: "Mean connectivity",
      caption:
        "The mean over genes of the sum of their adjacencies, logarithmic: what the power costs. Far below 1, few genes have a neighbour.",
      svg: powerCurve(canvas, {
        ...{
          title: "Mean connectivity by power",
          text: "Mean connectivity",
          powers,
          chosen: power,
          log: true,
        },
        values: fits.map(({ meanK }) => meanK),
      }),
    },
  ];
}

function traitFigure({ result, traits }: ModulesFigureFacts): NamedFigure[] {
  const { modules } = result.eigengenes;
  if (traits === undefined || modules.length === 0) return [];
  const { names, found } = traits;
  return [
    {
      name: "module-traits",
      title: "Modules and traits",
      caption:
        "Pearson's correlation of each module's eigengene with each trait, over the samples that have it, with its p; q over all of them is in module_traits. Vermilion: the module's genes are higher where the trait is; blue: lower.",
      svg: traitMap({
        title: "Correlations of modules with traits",
        modules: modules.map((label) => ({ name: moduleName(label), colour: moduleHex(label) })),
        ...{ traits: names, r: found.r, log10P: found.log10P },
      }),
    },
  ];
}

/** The genes of a module of largest kME, the largest first. */
export function hubsOf(
  { labels, eigengenes, memberships }: ModulesResult,
  label: number,
  most: number,
): { gene: number; kME: number }[] {
  const m = eigengenes.modules.indexOf(label);
  const width = eigengenes.modules.length;
  return Array.from(labels.keys())
    .filter((gene) => labels[gene] === label)
    .map((gene) => ({ gene, kME: memberships.kME[gene * width + m]! }))
    .sort((a, b) => Math.abs(b.kME) - Math.abs(a.kME) || a.gene - b.gene)
    .slice(0, most);
}

function pictures({ set, result, measure, type, pictures: most }: ModulesFigureFacts): NamedFigure[] {
  const drawn = result.eigengenes.modules.slice(0, most);
  if (drawn.length === 0) return [];
  const [genes] = new Correlator([set], measure).cohorts;
  return drawn.map((label) => {
    const size = result.labels.reduce((sum, own) => sum + (own === label ? 1 : 0), 0);
    const hubs = hubsOf(result, label, HUBS_DRAWN);
    const edges = { first: [] as number[], second: [] as number[], weight: [] as number[] };
    const out = { n: 0, r: 0 };
    hubs.forEach(({ gene }, a) => {
      hubs.slice(0, a).forEach((other, b) => {
        genes!.correlate(other.gene, gene, out);
        const weight = raised(similarity(out.r, type), result.power);
        if (!(weight > 0)) return;
        edges.first.push(b);
        edges.second.push(a);
        edges.weight.push(weight);
      });
    });
    const shown =
      hubs.length < size
        ? `the ${hubs.length} genes of largest membership (kME), of ${count(size)}`
        : counted(size, "gene");
    return {
      name: `module-${label}`,
      title: `Module ${moduleName(label)}`,
      caption: `${shown[0]!.toUpperCase()}${shown.slice(1)}; nearer and darker lines: larger adjacency; larger circles: larger kME; hubs in bold.`,
      svg: modulePicture({
        title: `Module ${moduleName(label)}, ${counted(size, "gene")}`,
        labels: hubs.map(({ gene }) => geneName(set, gene)),
        centrality: hubs.map(({ kME }) => Math.abs(kME)),
        ...{ ...edges, colour: moduleHex(label) },
      }),
    };
  });
}
