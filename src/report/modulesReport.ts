import type { ExpressionSet } from "../cohort/expressionSet.ts";
import { moduleColor } from "../network/colors.ts";
import type { ModulesResult } from "../network/modules.ts";
import { moduleSummary } from "../network/moduleTables.ts";
import type { ModulePreservation } from "../network/preservation.ts";
import type { ModuleTraits, Traits } from "../network/traits.ts";
import { geneName, hubsOf, moduleName } from "./modulesFigures.ts";
import { expressionInputs } from "./networkInputs.ts";
import { count, counted, pValue, signed } from "./numbers.ts";
import { references } from "./references.ts";
import type { Illustrated, NamedFigure, ReportTable, SummaryItem } from "./report.ts";

/** The choices that the page names. */
export interface ModulesChoices {
  /** `Pearson`, `biweight midcorrelation`, ... */
  readonly correlation: string;
  readonly type: string;
  readonly overlap: string;
  readonly deepSplit: number;
  readonly cutHeight: number;
  readonly minModuleSize: number;
  readonly pam: string;
  readonly mergeHeight: number;
  readonly minCoreKme: number;
  readonly minKme: number;
  readonly reassign: number;
  readonly permutations: number;
  readonly transform: string;
}

/** What the page says that the result does not hold. */
export interface ModulesFacts {
  readonly version: string;
  readonly set: ExpressionSet;
  readonly result: ModulesResult;
  readonly choices: ModulesChoices;
  readonly traits?:
    | { readonly name: string; readonly names: Traits["names"]; readonly found: ModuleTraits }
    | undefined;
  readonly preservation?:
    | { readonly name: string; readonly modules: readonly ModulePreservation[] }
    | undefined;
  readonly messages: readonly string[];
}

const HUBS_LISTED = 8;
const TRAITS_LISTED = 20;

/** A page on modules, ready for `reportHtml`. */
export function modulesReport(
  facts: ModulesFacts,
  figures: readonly NamedFigure[],
  manifest: unknown,
): Illustrated {
  const { version, set, result } = facts;
  const none = result.eigengenes.modules.length === 0;
  return {
    title: "Gene modules",
    eyebrow: `Qortex ${version} · ${set.name.replace(/^.*[/\\]/, "")}`,
    lede: ledeText(facts),
    summary: [...cards(facts), ...inputs(facts)],
    figures,
    ...(none
      ? { figuresNote: ["There is no module to draw: no branch of the tree is large, tight and far enough."] }
      : {}),
    tables: [
      expressionInputs([set]),
      moduleTable(facts),
      ...traitTable(facts),
      ...preservationTable(facts),
    ].filter(({ rows }) => rows.length > 0),
    methods: methods(facts),
    references: references(
      "wgcna",
      "softThreshold",
      "treeCut",
      facts.choices.correlation.startsWith("biweight") && "biweight",
      facts.preservation !== undefined && "preservation",
    ),
    messages: facts.messages,
    manifest,
  };
}

function inModules({ labels }: ModulesResult): number {
  return labels.reduce((sum, label) => sum + (label > 0 ? 1 : 0), 0);
}

function ledeText({ set, result }: ModulesFacts): string {
  const { eigengenes, labels } = result;
  const { modules } = eigengenes;
  const genes = `${counted(inModules(result), "gene")} of ${count(labels.length)}`;
  if (modules.length === 0)
    return `No module among ${counted(labels.length, "gene")} over ${counted(set.samples.length, "sample")}.`;
  const [first] = modules;
  const { hub, genes: size } = moduleSummary(result, first!);
  return `${counted(modules.length, "module")} with ${genes}, over ${counted(set.samples.length, "sample")}. The largest, ${moduleName(first!)}, has ${counted(size, "gene")} about ${geneName(set, hub)}.`;
}

function cards({ set, result }: ModulesFacts): SummaryItem[] {
  const { power, powerBy, fits, eigengenes, blocks, labels } = result;
  const fit = fits.find((row) => row.power === power);
  const by = {
    given: "given",
    scan: "the first that is scale-free",
    advice: "advised for so many samples; none is scale-free",
  };
  const ok = set.status.filter((status) => status === "ok").length;
  return [
    {
      label: "Modules",
      value: count(eigengenes.modules.length),
      note: `${counted(inModules(result), "gene")}; ${count(labels.length - inModules(result))} in none`,
    },
    {
      label: "Genes",
      value: count(ok),
      note:
        ok === labels.length ? "all of the input" : `of ${count(labels.length)}; the others have a status`,
    },
    { label: "Samples", value: count(set.samples.length) },
    {
      label: "Power",
      value: String(power),
      note: `${by[powerBy]}${fit === undefined ? "" : `; fit ${fit.rSquared.toFixed(2)}`}`,
    },
    {
      label: "Blocks",
      value: count(blocks.length),
      note: blocks.length === 1 ? "all genes at once" : `of at most ${counted(result.maxBlockSize, "gene")}`,
    },
  ];
}

function inputs({ set, traits, preservation }: ModulesFacts): SummaryItem[] {
  const names = set.covariatesUsed;
  const listed = names.length <= 6 ? names.join(", ") : `${names.slice(0, 5).join(", ")}, ...`;
  return [
    { label: "Expression", value: set.name, inline: true },
    {
      label: "Taken out",
      value: names.length === 0 ? "nothing" : counted(names.length, "covariate"),
      inline: true,
      ...(names.length === 0 ? {} : { note: listed }),
    },
    ...(traits === undefined
      ? []
      : [{ label: "Traits", value: traits.name, inline: true, note: counted(traits.names.length, "trait") }]),
    ...(preservation === undefined
      ? []
      : [{ label: "Other samples", value: preservation.name, inline: true }]),
  ];
}

function moduleTable({ set, result }: ModulesFacts): ReportTable {
  const { eigengenes } = result;
  const rows = eigengenes.modules.map((label, m) => {
    const { genes, hub, kME } = moduleSummary(result, label);
    const hubs = hubsOf(result, label, HUBS_LISTED).map(({ gene }) => geneName(set, gene));
    const share = `${Math.round(100 * eigengenes.explained[m]!)}%`;
    return [
      String(label),
      moduleColor(label),
      count(genes),
      share,
      geneName(set, hub),
      signed(kME),
      hubs.join(", "),
    ];
  });
  return {
    title: "Modules",
    note: `The variance of the module's genes that its eigengene explains, the hub (largest kME), and the ${HUBS_LISTED} genes of largest kME.`,
    columns: ["Module", "Colour", "Genes", "Explained", "Hub", "kME", "Genes of largest kME"],
    rows,
  };
}

function traitTable({ traits }: ModulesFacts): ReportTable[] {
  if (traits === undefined) return [];
  const { names, found } = traits;
  const order = Array.from(found.r.keys())
    .filter((i) => !Number.isNaN(found.log10P[i]!))
    .sort((a, b) => found.log10P[a]! - found.log10P[b]! || a - b)
    .slice(0, TRAITS_LISTED);
  return [
    {
      title: "Strongest modules and traits",
      columns: ["Module", "Trait", "Samples", "r", "p"],
      rows: order.map((i) => [
        ...[moduleName(found.module[i]!), names[found.trait[i]!]!, count(found.n[i]!)],
        ...[signed(found.r[i]!), pValue(found.log10P[i]!)],
      ]),
    },
  ];
}

function preservationTable({ preservation }: ModulesFacts): ReportTable[] {
  if (preservation === undefined) return [];
  const rows = preservation.modules.map(({ module, genes, zDensity, zConnectivity, zSummary }) => [
    ...[moduleName(module), count(genes), signed(zDensity), signed(zConnectivity), signed(zSummary)],
    Number.isNaN(zSummary)
      ? "too few genes"
      : zSummary > 10
        ? "strong"
        : zSummary < 2
          ? "none"
          : "weak to moderate",
  ]);
  return [
    {
      title: "Preservation in other samples",
      note: "Standard deviations above random modules of the same size (Langfelder and others 2011).",
      columns: ["Module", "Common genes", "Z density", "Z connectivity", "Z summary", "Evidence"],
      rows,
    },
  ];
}

const ADJACENCY: Readonly<Record<string, string>> = {
  unsigned: "|r|^b",
  signed: "((1 + r) / 2)^b",
  "signed-hybrid": "r^b where r > 0, else 0",
};

function methods({ version, set, result, choices, traits, preservation }: ModulesFacts): string[] {
  const { power, powerBy, blocks } = result;
  const taken =
    set.covariatesUsed.length === 0
      ? ""
      : `, after ${counted(set.covariatesUsed.length, "covariate")} had been taken out by least squares`;
  const ranks =
    choices.transform === "none" ? "" : ", turned into normal quantiles of its ranks gene by gene";
  const chosen = {
    given: "",
    scan: " (the first of 1 to 10, 12, ... 20 with a scale-free fit above 0.85)",
    advice: ` (as WGCNA's authors advise for ${counted(set.samples.length, "sample")}; no power was scale-free)`,
  }[powerBy];
  const split =
    blocks.length === 1
      ? ""
      : ` Genes were split into ${count(blocks.length)} blocks of at most ${count(result.maxBlockSize)} by projective k-means.`;
  const pam =
    {
      tree: "genes beside branches were assigned within their own branch",
      all: "genes beside branches were assigned to the nearest module",
      none: "genes beside branches were left out",
    }[choices.pam] ?? "";
  const network = `Modules of co-expressed genes were found with Qortex ${version}, after WGCNA (Langfelder and Horvath 2008). Expression of ${counted(result.labels.length, "gene")} in ${counted(set.samples.length, "sample")}${ranks} was correlated (${choices.correlation})${taken}; adjacency was ${ADJACENCY[choices.type] ?? choices.type} with b = ${power}${chosen}, and dissimilarity 1 − topological overlap (${choices.overlap}).${split}`;
  const cut = `Average linkage was cut by the dynamic hybrid method (Langfelder, Zhang and Horvath 2008) at height ${choices.cutHeight}, deepSplit ${choices.deepSplit}, modules of at least ${counted(choices.minModuleSize, "gene")}; ${pam}. Modules without a core (kME ≥ ${choices.minCoreKme}) and genes with kME < ${choices.minKme} were dropped${choices.reassign > 0 ? `, genes reassigned where p fell by a factor of ${choices.reassign}` : ""}, and modules joined whose eigengenes were nearer than ${choices.mergeHeight} (1 − r).`;
  const also = [
    ...(traits === undefined
      ? []
      : [
          "Eigengenes were correlated with traits (Pearson, Student's t; q by Benjamini and Hochberg over all pairs).",
        ]),
    ...(preservation === undefined
      ? []
      : [
          `Preservation in other samples was tested against ${count(choices.permutations)} random modules of the same size (Zsummary; Langfelder and others 2011).`,
        ]),
  ];
  return [network, cut, ...also];
}
