import type { Column } from "../formats/table.ts";
import type { ComponentScores } from "../network/componentScores.ts";
import {
  columnsOf,
  doubles,
  probabilities,
  strings,
  type WholeTable,
  wholeTable,
} from "../network/tableParts.ts";
import { count, counted } from "../report/numbers.ts";
import { log10 } from "../statistics/elementary.ts";
import type { KeyGeneResult } from "./networkKeyGenes.ts";
import { fitColumns, geneName, logQ, networkGeneTable, strongestText } from "./networkKeyGeneTables.ts";
import { SIGNIFICANT_Q, type SummaryLine } from "./summary.ts";

type Metadata = Readonly<Record<string, string>>;

/** `key_components`: a row for each component of the network. */
export function componentTable({ components }: ComponentScores, metadata: Metadata): WholeTable {
  const each = columnsOf(components);
  const columns = [
    each.strings("component", (_, k) => `PC${k + 1}`),
    each.strings("status", ({ t }) => (Number.isNaN(t) ? "no-spread" : "ok")),
    each.integers("selected", ({ selected }) => (selected ? 1 : 0)),
    ...fitColumns(components),
  ];
  return wholeTable("key_components", columns, metadata);
}

/** `key_gene_scores`: a row for each gene of the network. */
export function scoreTable(result: KeyGeneResult, scores: ComponentScores, metadata: Metadata): WholeTable {
  return networkGeneTable("key_gene_scores", result, scoreColumns(scores), metadata);
}

function scoreColumns({ selected, score, null: nulls, log10P, log10PMatched }: ComponentScores): Column[] {
  const each = columnsOf(nulls);
  const status = Array.from(log10P, (value) =>
    selected === 0 ? "no-component" : Number.isNaN(value) ? "no-spread" : "ok",
  );
  return [
    strings("status", status),
    doubles("score", score),
    ...probabilities(log10P),
    ...probabilities(logQ(log10P), ["qval", "log10_q"]),
    each.doubles("null_mean", ({ mean }) => mean),
    each.doubles("null_sd", ({ deviation }) => deviation),
    each.doubles("null_skewness", ({ skewness }) => skewness),
    each.doubles("null_kurtosis", ({ kurtosis }) => kurtosis),
    ...probabilities(log10PMatched, ["pval_matched", "log10_p_matched"]),
    ...probabilities(logQ(log10PMatched), ["qval_matched", "log10_q_matched"]),
  ];
}

export function scoreLines(result: KeyGeneResult, scores: ComponentScores): SummaryLine[] {
  const { components, selected, log10P, log10PMatched } = scores;
  const lines: SummaryLine[] = [
    {
      label: "Components",
      value: `${count(selected)} of ${count(components.length)} go with the trait`,
      note: `Benjamini-Hochberg${strongestText(components, (k) => `PC${k + 1}`)}`,
    },
  ];
  if (selected === 0) {
    const what = `${counted(log10P.length, "gene")} without a score`;
    return [...lines, { label: "Scores", value: "none", note: `${what}: status no-component` }];
  }
  const significant = (values: Float64Array): string =>
    count(logQ(values).filter((value) => value <= log10(SIGNIFICANT_Q)).length);
  const fits = Array.from(log10P, (value) => ({ log10P: value }));
  lines.push({
    label: "Scores",
    value: significant(log10P),
    note: `q <= ${SIGNIFICANT_Q}, Benjamini-Hochberg; ${significant(log10PMatched)} beside draws as strong${strongestText(fits, (i) => geneName(result, i))}`,
  });
  return lines;
}
