import { useMemo } from "preact/hooks";
import { count } from "../../../report/numbers.ts";
import type { GeneColumns, PairColumns, ResultView } from "../../engine/protocol.ts";
import { engine } from "../engine.ts";
import { ComparePanel } from "../parts/ComparePanel.tsx";
import { ContextSwitch } from "../parts/ContextSwitch.tsx";
import { ForestPanel } from "../parts/ForestPanel.tsx";
import { GeneFacts } from "../parts/GeneFacts.tsx";
import { GenotypeView } from "../parts/GenotypeView.tsx";
import { geneOrderOf } from "../parts/geneFilter.ts";
import { geneFilter, geneSort, isFiltered } from "../parts/geneFilterState.ts";
import { geneRange } from "../parts/geneRange.ts";
import { InteractionPanel } from "../parts/InteractionPanel.tsx";
import { geneName } from "../parts/mapPoints.ts";
import { RegionalView, strongestFirst } from "../parts/RegionalView.tsx";
import { ofResult, shownKey } from "../parts/resultAnswers.ts";
import { SignalsPanel } from "../parts/SignalsPanel.tsx";
import { type Shortcut, useShortcuts } from "../parts/shortcuts.ts";
import { useAnswer } from "../parts/useAnswer.ts";
import { VariantTable } from "../parts/VariantTable.tsx";
import { go } from "../places.ts";
import { result, select, selection } from "../state.ts";

/** One gene: its region, expression by genotype, signals, facts and variants. */
export default function Gene() {
  const open = result.value;
  const { value: genes, error } = useAnswer(() => ofResult("genes"), [shownKey()]);
  if (open === undefined) return <p class="empty">No result is open.</p>;
  if (error !== undefined) return <p class="empty">{error.message}</p>;
  if (genes === undefined) return <p class="loading">Reading the genes</p>;
  const wanted = selection.value.gene;
  const gene = wanted === undefined ? strongestGene(genes) : genes.id.indexOf(wanted);
  if (gene < 0)
    return (
      <div class="empty">
        <p>{wanted === undefined ? "This result has no genes." : `This result has no gene ${wanted}.`}</p>
        <button type="button" onClick={() => go("genes")}>
          Choose from the table
        </button>
      </div>
    );
  return <OneGene key={`${open.id} ${gene} ${genes.context}`} open={open} genes={genes} gene={gene} />;
}

function strongestGene({ log10P }: GeneColumns): number {
  return strongestFirst(log10P)[0] ?? (log10P.length > 0 ? 0 : -1);
}

interface GeneProps {
  readonly open: ResultView;
  readonly genes: GeneColumns;
  readonly gene: number;
}

function OneGene({ open, genes, gene }: GeneProps) {
  const { value: pairs, error } = useAnswer(() => engine.pairs(gene, genes.context), [open.id, gene]);
  const lead = useMemo(() => (pairs === undefined ? -1 : leadRow(genes, gene, pairs)), [pairs, genes, gene]);
  const leadId = pairs?.variant[lead];
  // The table of genes has no chromosome of its lead, which in trans is seldom the gene's.
  const leadChromosome = open.kind === "cis" ? genes.chromosome[gene] : pairs?.chromosome[lead];
  const { value: r2 } = useAnswer(
    () =>
      leadId === undefined || pairs === undefined
        ? undefined
        : engine.ld(leadId, pairs.variant).catch(() => undefined),
    [pairs, leadId, open.cohort],
  );
  const signals = useAnswer(() => engine.signals(gene, genes.context), [open.id, open.cohort, gene]);
  const chosen = pairs?.variant.indexOf(selection.value.variant ?? "") ?? -1;
  return (
    <>
      <GeneHead genes={genes} gene={gene} />
      <h2 class="visually-hidden">Plots</h2>
      <div class="figures gene">
        {error !== undefined && <p class="empty wide">{error.message}</p>}
        {pairs === undefined && error === undefined && <p class="loading wide">Reading the gene's pairs</p>}
        {pairs !== undefined && pairs.variant.length > 0 && (
          <RegionalView {...{ open, genes, gene, pairs, lead, r2, signals: signals.value }} />
        )}
        {pairs !== undefined && lead >= 0 && (
          <GenotypeView genes={genes} gene={gene} pairs={pairs} row={chosen >= 0 ? chosen : lead} />
        )}
        <div class="stack">
          <GeneFacts open={open} genes={genes} gene={gene} leadChromosome={leadChromosome} />
          <SignalsPanel {...signals} />
          {open.kind === "cis" && <ComparePanel />}
        </div>
        {pairs !== undefined && lead >= 0 && (
          <Relations genes={genes} gene={gene} pairs={pairs} row={chosen >= 0 ? chosen : lead} />
        )}
        {pairs !== undefined && pairs.variant.length > 0 && (
          <VariantTable
            pairs={pairs}
            r2={r2}
            signals={signals.value}
            title={
              open.kind === "trans" ? "Variants in the result for this gene" : "Variants tested with the gene"
            }
          />
        )}
        {pairs?.variant.length === 0 && (
          <p class="empty wide">
            The result holds no pair of this gene. Its status: {genes.status[gene] || "none"}.
          </p>
        )}
      </div>
    </>
  );
}

interface RelationsProps extends Omit<GeneProps, "open"> {
  readonly pairs: PairColumns;
  readonly row: number;
}

/** The pair in other contexts and in other cohorts, where there are any. */
function Relations({ genes, gene, pairs, row }: RelationsProps) {
  const pair = {
    ...{ gene: genes.id[gene]!, name: geneName(genes, gene) },
    ...{ variant: pairs.variant[row]!, effectAllele: pairs.effectAllele[row] ?? "" },
    mapped: genes.context,
  };
  return (
    <>
      <InteractionPanel {...pair} />
      <ForestPanel {...pair} />
    </>
  );
}

/** The table's lead, else the strongest of the pairs that are there. */
function leadRow(genes: GeneColumns, gene: number, pairs: PairColumns): number {
  const named = pairs.variant.indexOf(genes.variant[gene] ?? "");
  return named >= 0 ? named : (strongestFirst(pairs.log10P)[0] ?? -1);
}

function GeneHead({ genes, gene }: Omit<GeneProps, "open">) {
  const [filter, sort] = [geneFilter(), geneSort()];
  const key = JSON.stringify([filter, sort]);
  const order = useMemo(() => geneOrderOf(genes, filter, sort), [genes, key]);
  const at = order.indexOf(gene);
  const step = (by: number): void => {
    const next = order[at < 0 ? 0 : at + by];
    if (next !== undefined) select({ gene: genes.id[next], variant: genes.variant[next] || undefined });
  };
  const keys = useMemo<readonly Shortcut[]>(
    () => [
      { key: "n", does: "Next gene of the table", group: "Gene", act: () => step(1) },
      { key: "p", does: "Previous gene of the table", group: "Gene", act: () => step(-1) },
    ],
    [order, at],
  );
  useShortcuts(keys);
  const name = geneName(genes, gene);
  const id = genes.id[gene]!;
  return (
    <div class="view-head row">
      <h1>{name}</h1>
      <p class="note">
        {name !== id && `${id} · `}
        {genes.start[gene]! > 0 && `${geneRange(genes, gene)}${strandText(genes.strand[gene])}`}
      </p>
      <div class="end buttons">
        <ContextSwitch genes={genes} />
        <button
          type="button"
          class="small"
          disabled={at <= 0}
          onClick={() => step(-1)}
          title="Previous gene (p)"
        >
          ← Previous
        </button>
        <span class="note">
          {at < 0
            ? "not among the filtered genes"
            : `${count(at + 1)} of ${count(order.length)}${isFiltered() ? " filtered" : ""}`}
        </span>
        <button
          type="button"
          class="small"
          disabled={at >= order.length - 1}
          onClick={() => step(1)}
          title="Next gene (n)"
        >
          Next →
        </button>
      </div>
    </div>
  );
}

function strandText(strand: string | undefined): string {
  return strand === "+" ? ", forward strand" : strand === "-" ? ", reverse strand" : "";
}
