import type { ExpressionSet } from "../cohort/expressionSet.ts";
import { log10 } from "../statistics/elementary.ts";
import { fisherZ } from "../statistics/fisher.ts";
import { log10NormalTwoSided } from "../statistics/normal.ts";
import type { NetworkType } from "./adjacency.ts";
import { eigengenes, type ScaledGenes } from "./eigengenes.ts";
import type { Measure } from "./measure.ts";
import { memberships } from "./membership.ts";

/** What a module and its genes must show, with WGCNA's defaults. */
export interface ModuleCheck {
  readonly type: NetworkType;
  readonly measure: Measure;
  readonly minModuleSize: number;
  /** A module needs `minModuleSize / 3` genes of at least this kME. Default 0.5. */
  readonly minCoreKME?: number | undefined;
  /** A gene of less is let go. Default 0.3. */
  readonly minKMEtoStay?: number | undefined;
  /** A gene moves to a module with whose eigengene its p is smaller by this factor. Default 1e-6; 0: none moves. */
  readonly reassignThreshold?: number | undefined;
}

/**
 * Lets go of modules without a core and of genes that hardly go with theirs (kME; of unsigned networks its size).
 * METHODS 5.8, step 8.
 */
export function dropWeakGenes(
  set: ExpressionSet,
  genes: ScaledGenes,
  labels: Int32Array,
  check: ModuleCheck,
): Int32Array {
  const { minCoreKME = 0.5, minKMEtoStay = 0.3, minModuleSize } = check;
  const now = labels.slice();
  const own = kMEOf(set, genes, now, check);
  own.modules.forEach((label, m) => {
    const members = Array.from(now.keys()).filter((gene) => now[gene] === label);
    const core = members.filter((gene) => own.size(gene, m) > minCoreKME).length;
    const stay = members.filter((gene) => own.size(gene, m) >= minKMEtoStay);
    const kept = core < minModuleSize / 3 || stay.length < minModuleSize ? [] : stay;
    // A module that lets none go is kept whatever its size.
    if (core >= minModuleSize / 3 && stay.length === members.length) return;
    for (const gene of members) now[gene] = 0;
    for (const gene of kept) now[gene] = label;
  });
  return now;
}

/** Moves genes to the module they go with much better than with their own. */
export function reassignGenes(
  set: ExpressionSet,
  genes: ScaledGenes,
  labels: Int32Array,
  check: ModuleCheck,
): Int32Array {
  const { reassignThreshold = 1e-6 } = check;
  const now = labels.slice();
  if (reassignThreshold <= 0) return now;
  const factor = log10(reassignThreshold);
  const own = kMEOf(set, genes, now, check);
  own.modules.forEach((label, m) => {
    for (let gene = 0; gene < now.length; gene++) {
      if (now[gene] !== label) continue;
      let best = m;
      for (let other = 0; other < own.modules.length; other++) {
        if (own.size(gene, other) > own.size(gene, best)) best = other;
      }
      if (best !== m && own.log10P(gene, best) < own.log10P(gene, m) + factor) now[gene] = own.modules[best]!;
    }
  });
  return now;
}

function kMEOf(set: ExpressionSet, genes: ScaledGenes, labels: Int32Array, { type, measure }: ModuleCheck) {
  const modules = eigengenes(genes, labels);
  const { kME } = memberships(set, modules, measure);
  const width = modules.modules.length;
  const value = (gene: number, m: number) => kME[gene * width + m]!;
  return {
    modules: modules.modules,
    size: (gene: number, m: number) => (type === "unsigned" ? Math.abs(value(gene, m)) : value(gene, m)),
    log10P: (gene: number, m: number) =>
      log10NormalTwoSided(fisherZ(value(gene, m)) * Math.sqrt(set.samples.length - 3)),
  };
}
