import { useMemo } from "preact/hooks";
import { type ForestRow, forestPlot, rowText } from "../../../report/forest.ts";
import { count, plain, pValue, signed } from "../../../report/numbers.ts";
import { engine } from "../engine.ts";
import { result, setSetting, setting } from "../state.ts";
import { comparedCount } from "./ComparePanel.tsx";
import { PictureView } from "./PictureView.tsx";
import { useAnswer } from "./useAnswer.ts";

export interface PairPanelProps {
  /** `phenotype_id`. */
  readonly gene: string;
  /** As people call the gene. */
  readonly name: string;
  readonly variant: string;
  readonly effectAllele: string;
  /** The context whose interactions the map shows; of a map of interactions alone. */
  readonly mapped?: string | undefined;
}

/** The pair's effect in each of the results that are compared; nothing where there is only one. */
export function ForestPanel({ gene, name, variant, effectAllele, mapped }: PairPanelProps) {
  const { value: all } = useAnswer(
    () => engine.effects({ gene, variant }, mapped).catch(() => []),
    [result.value?.id, gene, variant, mapped, comparedCount()],
  );
  const effects = useMemo(() => all?.filter(({ leftOut }) => leftOut === undefined), [all]);
  const leftOut = useMemo(() => all?.filter((one) => one.leftOut !== undefined) ?? [], [all]);
  const summary = setting("gene.forest") === "together";
  const picture = useMemo(
    () =>
      effects === undefined || effects.length < 2
        ? undefined
        : forestPlot(
            { document },
            { rows: effects, effectAllele, summary, context: mapped, title: `${name} · ${variant}` },
          ),
    [effects, effectAllele, summary, mapped, name, variant],
  );
  const order = useMemo(() => [...(effects ?? []).keys()], [effects]);
  const left = leftOut.map((one) => `${one.cohort} is left out: ${one.leftOut}.`).join(" ");
  if (effects === undefined || picture === undefined)
    return all === undefined || all.length < 2 ? null : (
      <section class="panel">
        <h3>Effect by cohort</h3>
        <p class="note">
          Nothing to compare at {variant}. {left}
        </p>
      </section>
    );
  return (
    <PictureView
      title="Effect by cohort"
      name={`${gene}-${variant}-forest`}
      picture={picture}
      what="cohorts"
      order={order}
      about={(i) => rowText(effects[i]!)}
      tip={(i) => <Tip row={effects[i]!} />}
      tools={
        <label>
          <input
            type="checkbox"
            checked={summary}
            onChange={({ currentTarget }) =>
              setSetting("gene.forest", currentTarget.checked ? "together" : "")
            }
          />
          Together, with I²
        </label>
      }
      caption={`${slopeText(effectAllele || "the effect allele", mapped)} of the open result, whichever allele a cohort counts. The area of a square is the cohort's weight. ${left}`.trim()}
      help={
        <p>
          Cohorts that agree stand above each other. I² is the share of the spread between them that chance
          does not explain: near 0% they agree, above 50% look for what sets them apart (ancestry, tissue, how
          expression was measured).
        </p>
      }
    />
  );
}

function slopeText(allele: string, context: string | undefined): string {
  return context === undefined
    ? `Slopes are per copy of ${allele}`
    : `Slopes are the change, per unit of ${context}, of the effect of a copy of ${allele}`;
}

function Tip({ row }: { readonly row: ForestRow }) {
  return (
    <>
      <strong>{row.cohort}</strong>
      <span>{count(row.samples)} samples</span>
      <span>
        {signed(row.slope)} ± {plain(row.slopeSe, 2)}
      </span>
      {row.log10P !== undefined && <span>p = {pValue(row.log10P)}</span>}
    </>
  );
}
