import type { Column } from "../formats/table.ts";
import type { GeneComponents } from "../network/components.ts";
import type { ComponentTrial } from "../network/componentTrials.ts";
import type { CorrelationScale, GenePairs, GeneProfiles } from "../network/coregulation.ts";
import { cronbachAlpha } from "../network/cronbach.ts";
import type { ExpressionRows } from "../network/expressionRows.ts";
import {
  columnsOf,
  doubles,
  integers,
  named,
  probabilities,
  strings,
  type WholeTable,
  wholeTable,
} from "../network/tableParts.ts";
import type { NetworkRunning } from "./networkJob.ts";

type Metadata = Readonly<Record<string, string>>;

/** The table that other commands go on from. */
const COEFFICIENTS = "coefficients";

export function componentTable(
  { genes, eigenvalues, count: kept }: GeneComponents,
  metadata: Metadata,
): WholeTable {
  const each = columnsOf([...eigenvalues]);
  const columns = [
    each.integers("component", (_, k) => k + 1),
    each.doubles("eigenvalue", (value) => value),
    each.doubles("variance_share", (value) => value / genes),
    each.doubles("cronbach_alpha", (value) => cronbachAlpha(value, genes)),
    each.integers("kept", (_, k) => (k < kept ? 1 : 0)),
  ];
  return wholeTable("components", columns, metadata);
}

/** A row for each number of components tried. */
export function trialTable(
  trials: readonly ComponentTrial[],
  chosen: ComponentTrial,
  metadata: Metadata,
): WholeTable {
  const each = columnsOf(trials);
  const columns = [
    each.integers("components", ({ components }) => components),
    each.integers("gene_sets", ({ auc }) => auc.filter((value) => !Number.isNaN(value)).length),
    each.doubles("mean_auc", ({ meanAuc }) => meanAuc),
    each.integers("chosen", (trial) => (trial === chosen ? 1 : 0)),
  ];
  return wholeTable("component_trials", columns, metadata);
}

/** A column a component: eigenvector coefficients of mean 0 and standard deviation 1. */
export function coefficientTable(
  { genes, components, coefficients }: GeneProfiles,
  ids: readonly string[],
  metadata: Metadata,
): WholeTable {
  const columns = Array.from({ length: components }, (_, k) =>
    doubles(
      `PC${k + 1}`,
      Float64Array.from({ length: genes }, (_, g) => coefficients[g * components + k]!),
    ),
  );
  return wholeTable(COEFFICIENTS, [strings("gene", ids), ...columns], metadata);
}

/** `ranked`: each gene with its nearest, not each pair once. */
export function pairColumns(
  { first, second, r }: GenePairs,
  scale: CorrelationScale,
  ids: readonly string[],
  symbols: readonly string[] | undefined,
  ranked: boolean,
): Column[] {
  const [a, b] = ranked ? (["gene", "partner"] as const) : (["gene_a", "gene_b"] as const);
  const symbol = (name: string): string => name.replace(/^(gene|partner)/, "$1_symbol");
  const rank = new Int32Array(r.length);
  for (let i = 0; i < r.length; i++) rank[i] = i > 0 && first[i] === first[i - 1] ? rank[i - 1]! + 1 : 1;
  return [
    named(a, ids, first),
    named(b, ids, second),
    ...(symbols === undefined ? [] : [named(symbol(a), symbols, first), named(symbol(b), symbols, second)]),
    ...(ranked ? [integers("rank", rank)] : []),
    doubles("r", r),
    doubles(
      "z",
      r.map((value) => scale.z(value)),
    ),
    ...probabilities(r.map((value) => scale.log10P(value))),
  ];
}

/** A row for each gene of the input. */
export function geneTable(
  { cohorts }: NetworkRunning,
  { gene }: ExpressionRows,
  partners: Uint32Array,
  metadata: Metadata,
): WholeTable {
  const set = cohorts[0]!;
  const used = new Int32Array(set.id.length).fill(-1);
  gene.forEach((g, row) => {
    used[g] = row;
  });
  const each = columnsOf(set.id);
  const status = (g: number): string =>
    set.status[g] === "ok" && used[g]! < 0 ? "constant" : set.status[g]!;
  const columns = [
    strings("gene", set.id),
    ...(set.symbol === undefined ? [] : [strings("gene_symbol", set.symbol)]),
    each.strings("status", (_, g) => status(g)),
    integers("missing", set.missing),
    each.integers("partners", (_, g) => (used[g]! < 0 ? 0 : partners[used[g]!]!)),
  ];
  return wholeTable("genes", columns, metadata);
}
