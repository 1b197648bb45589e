import { useMemo } from "preact/hooks";
import { bases, count, megabases, plain, pValue, signed } from "../../../report/numbers.ts";
import type { GeneColumns, GeneSignals, PairColumns, ResultView } from "../../engine/protocol.ts";
import { engine } from "../engine.ts";
import { ComparePanel } from "../parts/ComparePanel.tsx";
import { ForestPanel } from "../parts/ForestPanel.tsx";
import { alleles, qText } from "../parts/GeneGrid.tsx";
import { GenotypeView } from "../parts/GenotypeView.tsx";
import { geneOrderOf } from "../parts/geneFilter.ts";
import { geneFilter, geneSort, isFiltered } from "../parts/geneFilterState.ts";
import { InteractionPanel } from "../parts/InteractionPanel.tsx";
import { geneName } from "../parts/mapPoints.ts";
import { RegionalView, strongestFirst } from "../parts/RegionalView.tsx";
import { ofResult } from "../parts/resultAnswers.ts";
import { type Shortcut, useShortcuts } from "../parts/shortcuts.ts";
import { useAnswer } from "../parts/useAnswer.ts";
import { VariantTable } from "../parts/VariantTable.tsx";
import { go } from "../places.ts";
import { result, select, selection } from "../state.ts";

/** One gene: its region, expression by genotype, signals, facts and variants. */
export default function Gene() {
  const open = result.value;
  const { value: genes, error } = useAnswer(() => ofResult("genes"), [open?.id]);
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
  return <OneGene key={gene} open={open} genes={genes} gene={gene} />;
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
  const { value: pairs, error } = useAnswer(() => engine.pairs(gene), [open.id, gene]);
  const lead = useMemo(() => (pairs === undefined ? -1 : leadRow(genes, gene, pairs)), [pairs, genes, gene]);
  const leadId = pairs?.variant[lead];
  const { value: r2 } = useAnswer(
    () =>
      leadId === undefined || pairs === undefined
        ? undefined
        : engine.ld(leadId, pairs.variant).catch(() => undefined),
    [pairs, leadId, open.cohort],
  );
  const { value: signals } = useAnswer(
    () => engine.signals(gene).catch(() => undefined),
    [open.id, open.cohort, gene],
  );
  const chosen = pairs?.variant.indexOf(selection.value.variant ?? "") ?? -1;
  return (
    <>
      <GeneHead genes={genes} gene={gene} />
      <h2 class="visually-hidden">Plots</h2>
      <div class="figures gene">
        {error !== undefined && <p class="empty wide">{error.message}</p>}
        {pairs === undefined && error === undefined && <p class="loading wide">Reading the gene's pairs</p>}
        {pairs !== undefined && pairs.variant.length > 0 && (
          <RegionalView {...{ genes, gene, pairs, lead, r2, signals }} />
        )}
        {pairs !== undefined && lead >= 0 && (
          <GenotypeView genes={genes} gene={gene} pairs={pairs} row={chosen >= 0 ? chosen : lead} />
        )}
        <div class="stack">
          <Facts open={open} genes={genes} gene={gene} />
          {signals !== undefined && <Signals signals={signals} />}
          {open.kind === "cis" && <ComparePanel />}
        </div>
        {pairs !== undefined && lead >= 0 && (
          <Relations genes={genes} gene={gene} pairs={pairs} row={chosen >= 0 ? chosen : lead} />
        )}
        {pairs !== undefined && pairs.variant.length > 0 && (
          <VariantTable pairs={pairs} r2={r2} signals={signals} />
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
        {genes.start[gene]! > 0 &&
          `chromosome ${genes.chromosome[gene]}, ${count(genes.start[gene]!)} to ${count(genes.end[gene]!)}${strandText(genes.strand[gene])}`}
      </p>
      <div class="end buttons">
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

function Facts({ open, genes, gene }: GeneProps) {
  const variant = genes.variant[gene]!;
  const tested = variant !== "";
  const effect = genes.effectAllele[gene];
  const facts: readonly (readonly [string, string])[] = [
    ["Status", genes.status[gene] || "–"],
    ["Variants tested", count(Math.max(0, genes.numVariants[gene]!))],
    ...(tested
      ? ([
          ["Lead variant", `${variant} ${alleles(genes, gene)}`],
          [
            "At",
            `${megabases(genes.chromosome[gene]!, genes.position[gene]!)} Mb, ${distanceText(genes, gene)}`,
          ],
          ["Effect allele", effect ? `${effect}, frequency ${plain(genes.af[gene]!, 2)}` : "–"],
          ["Slope", `${signed(genes.slope[gene]!)} ± ${plain(genes.slopeSe[gene]!, 2)} per copy`],
          ["Nominal p", pValue(genes.log10P[gene]!)],
          [
            "q",
            `${qText(genes.q[gene]!)}${genes.q[gene]! <= open.significantQ ? `, significant at ${open.significantQ}` : ""}`,
          ],
        ] as const)
      : []),
  ];
  return (
    <section class="panel">
      <h3>The gene in this map</h3>
      <dl class="facts">
        {facts.map(([title, text]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function distanceText({ position, start }: GeneColumns, gene: number): string {
  const distance = position[gene]! - start[gene]!;
  return distance === 0
    ? "at the first base"
    : `${bases(distance)} ${distance < 0 ? "before" : "after"} the first base`;
}

function Signals({ signals: { independent, credibleSets } }: { readonly signals: GeneSignals }) {
  const variantButton = (variant: string) => (
    <button type="button" class="link" onClick={() => select({ variant })}>
      {variant}
    </button>
  );
  return (
    <section class="panel">
      <h3>Signals</h3>
      {independent.length > 0 && (
        <table class="tight">
          <caption>Conditionally independent variants</caption>
          <thead>
            <tr>
              <th scope="col">Rank</th>
              <th scope="col">Variant</th>
              <th scope="col" class="number">
                p given the others
              </th>
            </tr>
          </thead>
          <tbody>
            {independent.map(({ rank, variant, log10P }) => (
              <tr key={rank}>
                <td>{rank}</td>
                <th scope="row">{variantButton(variant)}</th>
                <td class="number">{pValue(log10P)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {credibleSets.map(({ set, coverage, variants, pip }) => (
        <table key={set} class="tight">
          <caption>
            Credible set {set}: {count(variants.length)} {variants.length === 1 ? "variant" : "variants"},
            coverage {plain(coverage, 2)}
          </caption>
          <thead>
            <tr>
              <th scope="col">Variant</th>
              <th scope="col" class="number">
                PIP
              </th>
            </tr>
          </thead>
          <tbody>
            {variants.slice(0, 8).map((variant, i) => (
              <tr key={variant}>
                <th scope="row">{variantButton(variant)}</th>
                <td class="number">{pip[i]!.toFixed(3)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
      {independent.length === 0 && credibleSets.length === 0 && <p class="note">No signal was found.</p>}
    </section>
  );
}
