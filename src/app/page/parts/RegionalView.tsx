import { useMemo } from "preact/hooks";
import { count, plain, pValue } from "../../../report/numbers.ts";
import { regionalPlot } from "../../../report/regional.ts";
import type { GeneColumns, GeneSignals, PairColumns } from "../../engine/protocol.ts";
import { engine } from "../engine.ts";
import { select, selection, setSetting, setting } from "../state.ts";
import { geneName } from "./mapPoints.ts";
import { PictureView } from "./PictureView.tsx";
import { useAnswer } from "./useAnswer.ts";

export interface RegionalViewProps {
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
export function RegionalView({ genes, gene, pairs, lead, r2, signals }: RegionalViewProps) {
  const wanted = setting("gene.window", "all");
  const [start, end] = useMemo(
    () => stretchOf(genes, gene, pairs, lead, wanted),
    [genes, gene, pairs, lead, wanted],
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
  const picture = useMemo(
    () =>
      regionalPlot(
        { document },
        {
          ...{ chromosome, start, end, lead, chosen, r2, set, focus: id },
          ...{ id: pairs.variant, position: pairs.position, log10P: pairs.log10P },
          ...{
            genes: tracks?.genes,
            recombination: tracks?.recombination,
            title: `${name}: all variants tested`,
          },
        },
      ),
    [chromosome, start, end, lead, chosen, r2, set, id, pairs, tracks, name],
  );
  const order = useMemo(() => strongestFirst(pairs.log10P), [pairs]);
  const about = (i: number): string =>
    `${pairs.variant[i]}, p = ${pValue(pairs.log10P[i]!)}${r2 === undefined ? "" : `, r² ${plain(r2[i]!, 2)} with the lead`}`;
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
            {pairs.chromosome[i]}:{count(pairs.position[i]!)} · {pairs.otherAllele[i]}&gt;
            {pairs.effectAllele[i]}
          </span>
          <span>p = {pValue(pairs.log10P[i]!)}</span>
          {r2 !== undefined && <span>r² = {plain(r2[i]!, 2)} with the lead</span>}
          {signals !== undefined && signals.pip[i]! > 0 && <span>PIP {plain(signals.pip[i]!, 2)}</span>}
        </>
      )}
      onChoose={(i) => select({ variant: pairs.variant[i] })}
      tools={
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
      }
      caption={
        r2 === undefined
          ? "Load the cohort's files to colour variants by their linkage (r²) with the lead."
          : "Coloured by linkage (r²) with the lead in the samples that are loaded. Click a variant to select it."
      }
      help={
        <p>
          A variant that acts and those inherited together with it stand high and in warm colours. A second
          tower in cold colours is a hint at a second, independent signal.
        </p>
      }
    />
  );
}

function stretchOf(
  genes: GeneColumns,
  gene: number,
  { position }: PairColumns,
  lead: number,
  wanted: string,
): [number, number] {
  const [from, to] = [genes.start[gene]!, genes.end[gene]!];
  const around = /^(\d+) kb$/.exec(wanted);
  const at = position[lead] ?? from;
  if (around !== null) {
    const pad = Number(around[1]) * 1000;
    return [Math.max(1, Math.min(from, at) - pad), Math.max(to, at) + pad];
  }
  const known = from > 0 ? [from, to] : [at, at];
  const first = position.reduce((least, each) => Math.min(least, each), known[0]!);
  const last = position.reduce((most, each) => Math.max(most, each), known[1]!);
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
