import { useMemo } from "preact/hooks";
import { counted, placeText, plain, pValue } from "../../../report/numbers.ts";
import { regionalPlot } from "../../../report/regional.ts";
import type { GeneColumns, GeneSignals, PairColumns, ResultView } from "../../engine/protocol.ts";
import { engine } from "../engine.ts";
import { select, selection, setSetting, setting } from "../state.ts";
import { besideLead, onChromosome } from "./geneRange.ts";
import { geneName } from "./mapPoints.ts";
import { PictureView } from "./PictureView.tsx";
import { useAnswer } from "./useAnswer.ts";

export interface RegionalViewProps {
  readonly open: ResultView;
  readonly genes: GeneColumns;
  readonly gene: number;
  readonly pairs: PairColumns;
  /** Row of the lead variant; -1 is none. */
  readonly lead: number;
  /** r2 of each row with the lead; undefined where no cohort is open. */
  readonly r2: Float64Array | undefined;
  readonly signals: GeneSignals | undefined;
}

/** Bases to either side of the gene; all that was tested. */
const WINDOWS = ["all", "500 kb", "200 kb", "50 kb"] as const;

/** The regional plot with its points under pointer and keys; a click selects a variant. */
export function RegionalView(props: RegionalViewProps) {
  const { open, genes, gene, pairs, signals } = props;
  const { signal, lead, log10P: given, r2 } = useShown(props);
  // A trans map has a gene's pairs of all chromosomes: one axis holds those of the lead's.
  const beside = useMemo(() => besideLead(pairs, lead), [pairs, lead]);
  const log10P = useMemo(() => given.map((value, i) => (beside[i] ? value : Number.NaN)), [given, beside]);
  const elsewhere = beside.filter((own) => !own).length;
  const wanted = setting("gene.window", "all");
  const [start, end] = useMemo(
    () => stretchOf(genes, gene, pairs, { lead, beside, wanted }),
    [genes, gene, pairs, lead, beside, wanted],
  );
  const chromosome = pairs.chromosome[Math.max(0, lead)] ?? "";
  const { value: tracks } = useAnswer(
    () => engine.region({ chromosome, start, end }).catch(() => undefined),
    [chromosome, start, end],
  );
  const id = genes.id[gene]!;
  const name = geneName(genes, gene);
  const chosen = pairs.variant.indexOf(selection.value.variant ?? "");
  const set = useMemo(() => setsOf(pairs, signals), [pairs, signals]);
  const bySet = set !== undefined && setting("gene.colours") === "sets";
  const threshold = useMemo(
    () => (signal === undefined ? thresholdOf(genes, gene, open.significantQ) : undefined),
    [signal, genes, gene, open.significantQ],
  );
  const picture = useMemo(
    () =>
      regionalPlot(
        { document },
        {
          ...{ chromosome, start, end, lead, chosen, r2, set, bySet, threshold, focus: id },
          ...{ id: pairs.variant, position: pairs.position, log10P },
          ...{
            genes: tracks?.genes,
            recombination: tracks?.recombination,
            title:
              signal === undefined
                ? `${name}: ${open.kind === "trans" ? "pairs in the result" : "all variants tested"}`
                : `${name}: all variants given the other signals, signal ${signal.rank}`,
          },
        },
      ),
    [
      chromosome,
      start,
      end,
      lead,
      chosen,
      r2,
      set,
      bySet,
      threshold,
      id,
      pairs,
      log10P,
      signal,
      tracks,
      name,
      open.kind,
    ],
  );
  const order = useMemo(() => strongestFirst(log10P), [log10P]);
  const others = signal === undefined ? "" : " given the others";
  const about = (i: number): string =>
    `${pairs.variant[i]}, p = ${pValue(log10P[i]!)}${others}${r2 === undefined ? "" : `, r² ${plain(r2[i]!, 2)} with the lead`}`;
  return (
    <PictureView
      wide
      title="Association in the region"
      name={`${id}-regional`}
      picture={picture}
      what="variants"
      order={order}
      about={about}
      tip={(i) => (
        <>
          <strong>{pairs.variant[i]}</strong>
          <span>
            {placeText(pairs.chromosome[i]!, pairs.position[i]!)} · {pairs.otherAllele[i]}&gt;
            {pairs.effectAllele[i]}
          </span>
          <span>p = {pValue(pairs.log10P[i]!)}</span>
          {signal !== undefined && <span>p = {pValue(log10P[i]!)} given the other signals</span>}
          {r2 !== undefined && <span>r² = {plain(r2[i]!, 2)} with the lead</span>}
          {signals !== undefined && signals.pip[i]! > 0 && <span>PIP {plain(signals.pip[i]!, 2)}</span>}
        </>
      )}
      onChoose={(i) => select({ variant: pairs.variant[i] })}
      tools={
        <>
          <SignalSwitch signals={signals} chosen={signal?.rank} />
          {set !== undefined && <ColourSwitch bySet={bySet} />}
          <fieldset class="group" aria-label="How much of the region">
            {WINDOWS.map((text) => (
              <button
                key={text}
                type="button"
                class="small"
                aria-pressed={wanted === text}
                onClick={() => setSetting("gene.window", text === "all" ? "" : text)}
              >
                {text === "all" ? "All" : `±${text}`}
              </button>
            ))}
          </fieldset>
        </>
      }
      caption={`${colourText(bySet, r2 !== undefined, signal !== undefined)}${threshold === undefined ? "" : ` The dashed line is the gene's threshold: its variants at or below p = ${pValue(threshold.log10P)} are significant.`}${elsewhere === 0 ? "" : ` ${counted(elsewhere, "pair")} on other chromosomes ${elsewhere === 1 ? "is" : "are"} in the table below alone.`}`}
      help={
        <p>
          A variant that acts and those inherited together with it stand high and in warm colours. A second
          tower in cold colours is a hint at a second, independent signal.
        </p>
      }
    />
  );
}

type Signal = GeneSignals["independent"][number];

/** What is drawn: the pairs as they are, or given all signals but one, with that signal's variant as the lead. */
function useShown({ pairs, lead, r2, signals }: RegionalViewProps) {
  const wanted = setting("gene.given");
  const signal = signals?.independent.find(
    ({ rank, given }) => given !== undefined && String(rank) === wanted,
  );
  const { value: own } = useAnswer(
    async () =>
      signal === undefined || r2 === undefined
        ? undefined
        : { signal, r2: await engine.ld(signal.variant, pairs.variant).catch(() => undefined) },
    [signal, pairs, r2 === undefined],
  );
  return {
    signal,
    lead: signal === undefined ? lead : pairs.variant.indexOf(signal.variant),
    log10P: signal?.given ?? pairs.log10P,
    // That of the signal before stays until the next is there.
    r2: signal === undefined ? r2 : own?.signal === signal ? own.r2 : undefined,
  };
}

/** Of a significant gene: below it lie its significant variants. */
function thresholdOf({ log10Threshold, q }: GeneColumns, gene: number, limit: number) {
  const log10P = log10Threshold[gene]!;
  return q[gene]! <= limit && log10P <= 0
    ? { log10P, text: `gene's threshold, p = ${pValue(log10P)}` }
    : undefined;
}

function colourText(bySet: boolean, known: boolean, given: boolean): string {
  if (bySet) return "Coloured by credible set. Click a variant to select it.";
  const lead = given ? "the signal's variant" : "the lead";
  return known
    ? `Coloured by linkage (r²) with ${lead} in the samples that are loaded. Click a variant to select it.`
    : `Load the cohort's files to colour variants by their linkage (r²) with ${lead}.`;
}

interface SignalSwitchProps {
  readonly signals: GeneSignals | undefined;
  readonly chosen: number | undefined;
}

/** The statistics as they are, or of one signal given the others; nothing where there is one signal alone. */
function SignalSwitch({ signals, chosen }: SignalSwitchProps) {
  const known: readonly Signal[] = signals?.independent.filter(({ given }) => given !== undefined) ?? [];
  if (known.length < 2) return null;
  return (
    <label>
      Statistics
      <select
        value={chosen === undefined ? "" : String(chosen)}
        onChange={({ currentTarget }) => setSetting("gene.given", currentTarget.value)}
      >
        <option value="">as they are</option>
        {known.map(({ rank }) => (
          <option key={rank} value={String(rank)}>
            signal {rank}, given the others
          </option>
        ))}
      </select>
    </label>
  );
}

function ColourSwitch({ bySet }: { readonly bySet: boolean }) {
  return (
    <fieldset class="group" aria-label="What colours mean">
      {[
        ["r²", ""],
        ["Sets", "sets"],
      ].map(([text, value = ""]) => (
        <button
          key={value}
          type="button"
          class="small"
          aria-pressed={bySet === (value === "sets")}
          onClick={() => setSetting("gene.colours", value)}
        >
          {text}
        </button>
      ))}
    </fieldset>
  );
}

interface Shown {
  readonly lead: number;
  /** Of each pair, whether it lies on the lead's chromosome. */
  readonly beside: readonly boolean[];
  readonly wanted: string;
}

/** First and last base that are drawn, on the lead's chromosome; the gene is within where it lies there. */
function stretchOf(
  genes: GeneColumns,
  gene: number,
  { chromosome, position }: PairColumns,
  { lead, beside, wanted }: Shown,
): [number, number] {
  const here = onChromosome(genes, gene, chromosome[lead]);
  const [from, to] = here ? [genes.start[gene]!, genes.end[gene]!] : [position[lead]!, position[lead]!];
  const around = /^(\d+) kb$/.exec(wanted);
  const at = position[lead] ?? from;
  if (around !== null) {
    const pad = Number(around[1]) * 1000;
    return [Math.max(1, Math.min(from, at) - pad), Math.max(to, at) + pad];
  }
  const known = from > 0 ? [from, to] : [at, at];
  const shown = position.filter((_, i) => beside[i]);
  const first = shown.reduce((least, each) => Math.min(least, each), known[0]!);
  const last = shown.reduce((most, each) => Math.max(most, each), known[1]!);
  return [first, Math.max(first + 1, last)];
}

/** Number of the credible set of each row; undefined without sets. */
function setsOf(pairs: PairColumns, signals: GeneSignals | undefined): Int32Array | undefined {
  if (signals === undefined || signals.credibleSets.length === 0) return undefined;
  const rows = new Map(pairs.variant.map((id, row) => [id, row]));
  const set = new Int32Array(pairs.variant.length);
  for (const { set: number, variants } of signals.credibleSets)
    for (const id of variants) {
      const row = rows.get(id);
      if (row !== undefined) set[row] = number;
    }
  return set;
}

export function strongestFirst(log10P: Float64Array): number[] {
  return [...log10P.keys()]
    .filter((i) => !Number.isNaN(log10P[i]))
    .sort((a, b) => log10P[a]! - log10P[b]! || a - b);
}
