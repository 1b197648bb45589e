import type { Column, SchemaColumn, TableSchema } from "../../formats/table.ts";
import { pow10 } from "../../statistics/elementary.ts";
import type { Anchor } from "../geometry.ts";
import {
  droppedColumns,
  droppedSchema,
  geneColumns,
  geneSchema,
  type MapKind,
  nullColumns,
  nullSchema,
  pairSchema,
} from "../output.ts";
import { PairColumns } from "../pairColumns.ts";
import type { DroppedVariants, ExtraColumns, GeneTable, PairBatch } from "../tables.ts";
import { variantNames } from "./pairNumbers.ts";
import type { InteractionResult } from "./tables.ts";

/** The tables of interaction maps: those of any map, with tensorQTL's names for effects and p, HC3, and the context. */

/** What the tables of some maps have in common. */
export interface InteractionLayout {
  readonly kind: MapKind;
  readonly anchor: Anchor;
  readonly genes: GeneTable;
  /** Contexts in one model: 1, or several with `joint`. */
  readonly contexts: number;
  readonly metadata: Readonly<Record<string, string>>;
}

const text = (name: string): SchemaColumn => ({ name, type: "string" });
const plain = (name: string): SchemaColumn => ({ name, type: "double", encoding: "plain" });

const CONVENTIONS = {
  b_gi: "change of the effect of effect_allele per unit of the context; b_g is its effect where the context is 0, b_i the context's without the allele",
  log10_p_gi: "log10 of the two-sided p-value (negative); exact where pval_gi underflows",
  hc3: "agree, or which of OLS and HC3 has the smaller p where they differ tenfold and by a fifth of the larger -log10 p; empty where HC3 was not computed",
};

/** Columns of the usual tables whose place the interaction's take. */
const REPLACED = new Set(["pval_nominal", "slope", "slope_se", "log10_p"]);
const BONFERRONI = new Set(["pval_bonferroni", "log10_p_bonferroni", "qval_bonferroni"]);

/** Some rows' numbers by name. */
interface Numbers {
  readonly extra: ExtraColumns;
  readonly log10P: Float64Array;
}

/**
 * The effects of pairs, in tensorQTL's order. `log10_p_x` becomes `pval_x`; that of the product with the context is written as it is too.
 * Several contexts have numbered columns, and `pval_gi` is that of all products together.
 */
function effectNames(contexts: number): string[] {
  const numbers = contexts === 1 ? [""] : Array.from({ length: contexts }, (_, c) => String(c + 1));
  return [
    ...["pval_g", "b_g", "b_g_se"],
    ...numbers.flatMap((i) => [`pval_i${i}`, `b_i${i}`, `b_i${i}_se`]),
    ...numbers.flatMap((i) => [`pval_gi${i}`, `b_gi${i}`, `b_gi${i}_se`]),
    ...(contexts === 1 ? [] : ["pval_gi"]),
    "log10_p_gi",
    ...numbers.flatMap((i) => [`b_gi${i}_se_hc3`, `pval_gi${i}_hc3`, `log10_p_gi${i}_hc3`]),
  ];
}

/** The column `name` of {@link effectNames} for rows `from` to `to`. */
function effectOf(name: string, { extra, log10P }: Numbers, from: number, to: number): Float64Array {
  if (name === "log10_p_gi") return log10P.subarray(from, to);
  if (name === "pval_gi") return log10P.subarray(from, to).map(pow10);
  if (name.startsWith("pval_")) return extra[`log10_p_${name.slice(5)}`]!.subarray(from, to).map(pow10);
  return extra[name]!.subarray(from, to);
}

/** Tenfold, and a fifth of the larger -log10 p: below that the two tests say the same. */
const DISAGREE = { fold: 1, share: 0.2 };

/** Whether OLS and HC3 say the same of a pair; empty where HC3 was not computed. */
export function agreement(log10P: number, log10PHc3: number): "" | "agree" | "ols-smaller" | "hc3-smaller" {
  if (Number.isNaN(log10PHc3)) return "";
  const difference = log10PHc3 - log10P;
  const limit = Math.max(DISAGREE.fold, DISAGREE.share * Math.max(-log10P, -log10PHc3));
  if (Math.abs(difference) < limit) return "agree";
  return difference > 0 ? "ols-smaller" : "hc3-smaller";
}

const AGREEMENT = ["", "agree", "ols-smaller", "hc3-smaller"];

function agreementColumn(log10P: Float64Array, log10PHc3: Float64Array): Column {
  const index = Uint32Array.from(log10P, (p, i) => AGREEMENT.indexOf(agreement(p, log10PHc3[i]!)));
  return { name: "hc3", type: "dictionary", values: AGREEMENT, index };
}

/** Of the first context; the others have theirs in their own columns. */
function firstHc3(contexts: number): { readonly ols: string; readonly hc3: string } {
  const i = contexts === 1 ? "" : "1";
  return { ols: `log10_p_gi${i}`, hc3: `log10_p_gi${i}_hc3` };
}

/** `log10_p_context` is written as `pval_context`. */
function variantColumnName(name: string): string {
  return name.replace("log10_p_context", "pval_context");
}

function contextColumn(context: string, rows: number): Column {
  return { name: "context", type: "dictionary", values: [context], index: new Uint32Array(rows) };
}

const named = (contexts: number) => ({ contexts: Array.from({ length: contexts }, String) });

export function interactionPairSchema({ kind, anchor, contexts, metadata }: InteractionLayout): TableSchema {
  const base = pairSchema(kind, anchor, metadata);
  const kept = base.columns.filter(({ name }) => !REPLACED.has(name));
  const at = kept.findIndex(({ name }) => name === "ma_count") + 1;
  const effects = [...effectNames(contexts).map(plain), text("hc3")];
  const variant = variantNames(named(contexts)).map(
    (name): SchemaColumn => ({ name: variantColumnName(name), type: "double" }),
  );
  return {
    columns: [text("context"), ...kept.slice(0, at), ...effects, ...variant, ...kept.slice(at)],
    metadata: { ...CONVENTIONS, ...metadata },
  };
}

/** Makes the columns of {@link interactionPairSchema}, a run of rows at a time. */
export class InteractionPairColumns {
  readonly #layout: InteractionLayout;
  readonly #base: PairColumns;

  constructor(layout: InteractionLayout, rows: number) {
    this.#layout = layout;
    this.#base = new PairColumns(layout.kind, layout.genes, layout.anchor, rows);
  }

  columns(batch: PairBatch, context: string, from: number, to: number, q?: Float64Array): Column[] {
    const { contexts } = this.#layout;
    const base = this.#base.columns(batch, from, to, q).filter(({ name }) => !REPLACED.has(name));
    const at = base.findIndex(({ name }) => name === "ma_count") + 1;
    const numbers = { extra: batch.extra!, log10P: batch.log10P };
    const effects = effectNames(contexts).map(
      (name): Column => ({ name, type: "double", values: effectOf(name, numbers, from, to) }),
    );
    const { ols, hc3 } = firstHc3(contexts);
    const flag = agreementColumn(
      batch.extra![ols]!.subarray(from, to),
      batch.extra![hc3]!.subarray(from, to),
    );
    const index = batch.variant.subarray(from, to);
    const variant = variantNames(named(contexts)).map((name): Column => {
      const known = batch.variants.extra![name]!;
      const values = name.startsWith("log10_p_") ? known.map(pow10) : known;
      return { name: variantColumnName(name), type: "double", values, index };
    });
    return [
      contextColumn(context, to - from),
      ...[...base.slice(0, at), ...effects, flag, ...variant, ...base.slice(at)],
    ];
  }
}

/** Names of the correction within a gene: effective tests (cis; all tests where they were not counted) and q over genes. */
const CORRECTED = ["tests_emt", "pval_emt", "log10_p_emt", "pval_adj_bh"];

export function interactionGeneSchema(layout: InteractionLayout): TableSchema {
  const { kind, anchor, contexts, metadata, genes } = layout;
  const shared = genes.sharedVariance?.name;
  const base = geneSchema(kind === "cis" ? anchor : "tss", metadata, [], false, shared);
  const kept = base.columns.filter(({ name }) => !REPLACED.has(name) && !BONFERRONI.has(name));
  const at = kept.findIndex(({ name }) => name === "ma_count") + 1;
  const variant = variantNames(named(contexts)).map(variantColumnName);
  const own = [...effectNames(contexts), ...variant, ...CORRECTED].map(
    (name): SchemaColumn => ({ name, type: "double" }),
  );
  const effects = effectNames(contexts).length;
  return {
    columns: [
      ...[text("context"), ...kept.slice(0, at), ...own.slice(0, effects), text("hc3")],
      ...[...own.slice(effects), ...kept.slice(at)],
    ],
    metadata: { ...CONVENTIONS, ...metadata },
  };
}

/** The lead table as {@link interactionGeneSchema} lays it out: one row a gene. What samples share was fitted beside each context. */
export function interactionGeneColumns(
  { kind, anchor, genes, contexts }: InteractionLayout,
  context: string,
  result: InteractionResult,
): Column[] {
  const { leads, leadExtra } = result;
  const { sharedVariance } = result;
  const base = geneColumns(leads, { ...genes, sharedVariance }, kind === "cis" ? anchor : "tss").filter(
    ({ name }) => !REPLACED.has(name) && !BONFERRONI.has(name),
  );
  const at = base.findIndex(({ name }) => name === "ma_count") + 1;
  const count = genes.id.length;
  const doubles = (name: string, values: Float64Array): Column => ({ name, type: "double", values });
  const numbers = { extra: leadExtra, log10P: leads.log10P };
  const effects = effectNames(contexts).map((name) => doubles(name, effectOf(name, numbers, 0, count)));
  const { ols, hc3 } = firstHc3(contexts);
  const variant = variantNames(named(contexts)).map((name) => {
    const known = leadExtra[name]!;
    return doubles(variantColumnName(name), name.startsWith("log10_p_") ? known.map(pow10) : known);
  });
  return [
    ...[contextColumn(context, count), ...base.slice(0, at), ...effects],
    ...[agreementColumn(leadExtra[ols]!, leadExtra[hc3]!), ...variant],
    doubles("tests_emt", result.effectiveTests),
    doubles("pval_emt", result.log10Corrected.map(pow10)),
    doubles("log10_p_emt", result.log10Corrected),
    doubles("pval_adj_bh", result.qCorrected),
    ...base.slice(at),
  ];
}

export function interactionNullSchema({ metadata }: InteractionLayout): TableSchema {
  const ids = nullSchema(metadata).columns.filter(({ name }) => !REPLACED.has(name));
  const own = ["pval_gi", "b_gi", "b_gi_se", "log10_p_gi", "b_gi_se_hc3", "pval_gi_hc3", "log10_p_gi_hc3"];
  return {
    columns: [text("context"), ...ids, ...own.map(plain)],
    metadata: { ...CONVENTIONS, ...metadata },
  };
}

export function interactionNullColumns(
  result: InteractionResult,
  genes: GeneTable,
  context: string,
): Column[] {
  const sample = result.null;
  const doubles = (name: string, values: Float64Array): Column => ({ name, type: "double", values });
  return [
    contextColumn(context, sample.variant.length),
    ...nullColumns(sample, genes).filter(({ name }) => !REPLACED.has(name)),
    doubles("pval_gi", sample.log10P.map(pow10)),
    doubles("b_gi", sample.slope),
    doubles("b_gi_se", sample.slopeSe),
    doubles("log10_p_gi", sample.log10P),
    doubles("b_gi_se_hc3", result.nullSeHc3),
    doubles("pval_gi_hc3", result.nullLog10PHc3.map(pow10)),
    doubles("log10_p_gi_hc3", result.nullLog10PHc3),
  ];
}

export function interactionDroppedSchema({ metadata }: InteractionLayout): TableSchema {
  const base = droppedSchema(metadata);
  return { ...base, columns: [text("context"), ...base.columns] };
}

export function interactionDroppedColumns(dropped: DroppedVariants, context: string): Column[] {
  return [contextColumn(context, dropped.id.length), ...droppedColumns(dropped)];
}
