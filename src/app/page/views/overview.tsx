import { useMemo } from "preact/hooks";
import { leadDistance } from "../../../report/leadDistance.ts";
import { count, counted, pValue, signed } from "../../../report/numbers.ts";
import { qq } from "../../../report/qq.ts";
import type { GeneColumns } from "../../engine/protocol.ts";
import { engine } from "../engine.ts";
import { geneName, significantGenes, strongestGenes } from "../parts/map/leads.ts";
import { ManhattanPlot } from "../parts/map/ManhattanPlot.tsx";
import { PlotFrame } from "../parts/PlotFrame.tsx";
import { ofResult } from "../parts/resultAnswers.ts";
import { useAnswer } from "../parts/useAnswer.ts";
import { go } from "../places.ts";
import { result, select } from "../state.ts";

/** Points that a Manhattan plot asks for at most. */
const POINTS = 1_000_000;
const PEAKS = 25;

/** What was found, at a glance. */
export default function Overview() {
  const open = result.value;
  const id = open?.id;
  const genes = useAnswer(() => ofResult("genes"), [id]);
  const points = useAnswer(() => engine.points(POINTS), [id]);
  if (open === undefined) return <p class="empty">Open a result, or map a cohort, to see what was found.</p>;
  const failure = genes.error ?? points.error;
  return (
    <>
      <h1>{open.title}</h1>
      <p class="lede">{open.lede}</p>
      {genes.value !== undefined && <Cards genes={genes.value} />}
      {failure !== undefined && <p class="empty">{failure.message}</p>}
      <div class="figures">
        {genes.value !== undefined && points.value !== undefined ? (
          <ManhattanPlot genes={genes.value} points={points.value} />
        ) : (
          failure === undefined && <PlotFrame wide title="Associations along the genome" name="manhattan" />
        )}
        <QqPlot />
        {genes.value !== undefined && open.kind === "cis" && <DistancePlot genes={genes.value} />}
        {genes.value !== undefined && <Peaks genes={genes.value} />}
      </div>
    </>
  );
}

function Cards({ genes }: { readonly genes: GeneColumns }) {
  const open = result.value!;
  const tested = genes.numVariants.reduce((sum, n) => sum + (n > 0 ? 1 : 0), 0);
  const [best] = strongestGenes(genes);
  return (
    <dl class="cards">
      <div>
        <dt>Significant genes</dt>
        <dd>
          {count(significantGenes(genes, open.significantQ))}
          <small>
            of {count(tested)} tested, q ≤ {open.significantQ}
          </small>
        </dd>
      </div>
      <div>
        <dt>Pairs tested</dt>
        <dd>
          {open.counts === undefined ? "–" : count(open.counts.tests)}
          <small>{open.counts === undefined ? "" : counted(open.counts.variantsTested, "variant")}</small>
        </dd>
      </div>
      <div>
        <dt>Samples</dt>
        <dd>{count(open.samples)}</dd>
      </div>
      <div>
        <dt>Inflation λ</dt>
        <dd>
          {Number.isNaN(open.lambda) ? "–" : open.lambda.toFixed(3)}
          <small>of a random sample of pairs</small>
        </dd>
      </div>
      {best !== undefined && (
        <div>
          <dt>Strongest gene</dt>
          <dd>
            {geneName(genes, best)}
            <small>
              p = {pValue(genes.log10P[best]!)}, {genes.variant[best]}
            </small>
          </dd>
        </div>
      )}
    </dl>
  );
}

function QqPlot() {
  const id = result.value?.id;
  const sample = useAnswer(() => ofResult("nullSample"), [id]);
  const svg = useMemo(() => sample.value && qq({ document }, sample.value), [sample.value]);
  const none =
    sample.error?.message ?? (sample.value?.log10P.length === 0 ? "No pairs were sampled." : undefined);
  return (
    <PlotFrame
      title="Are the p-values right?"
      name="qq"
      svg={svg}
      empty={none}
      caption={sample.value && `A random sample of ${count(sample.value.log10P.length)} of the pairs tested.`}
      help="Sorted p-values against what chance alone would give; the band holds 95% of the points when there is no effect. Points should start on the diagonal and leave it only to the right, where the effects are. Leaving it from the start means confounding, relatives or too few covariates. λ is the median χ² over its expectation."
    />
  );
}

function DistancePlot({ genes }: { readonly genes: GeneColumns }) {
  const { significantQ } = result.value!;
  const drawn = useMemo(() => {
    const rows = [...genes.q.keys()].filter((g) => genes.q[g]! <= significantQ && genes.position[g]! > 0);
    const distance = Float64Array.from(rows, (g) => genes.position[g]! - genes.start[g]!);
    const window = Math.max(1e5, ...Array.from(distance, Math.abs));
    return rows.length === 0
      ? undefined
      : leadDistance({ document }, { distance, window, from: "first base" });
  }, [genes, significantQ]);
  return (
    <PlotFrame
      title="Where the lead variants lie"
      name="lead-distance"
      svg={drawn}
      empty={drawn === undefined ? `No gene reached q ≤ ${significantQ}.` : undefined}
      help="Regulatory variants crowd around genes: a sharp peak at 0 is a sign of a sound map. Leads of chance findings are spread evenly over the window; a peak elsewhere hints at mismatched genome builds."
    />
  );
}

/** The strongest genes in words: what the plot shows, for those who read rather than look. */
function Peaks({ genes }: { readonly genes: GeneColumns }) {
  const rows = useMemo(() => strongestGenes(genes).slice(0, PEAKS), [genes]);
  const open = (row: number): void => {
    select({ gene: genes.id[row], variant: genes.variant[row] });
    go("gene");
  };
  return (
    <section class="panel wide" aria-labelledby="peaks-title">
      <h2 id="peaks-title">Strongest genes</h2>
      <section
        class="peaks"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls takes the keys that scroll it.
        tabIndex={0}
        aria-labelledby="peaks-title"
      >
        <table>
          <thead>
            <tr>
              <th scope="col">Gene</th>
              <th scope="col">Lead variant</th>
              <th scope="col" class="number">
                Slope
              </th>
              <th scope="col">Effect allele</th>
              <th scope="col" class="number">
                p
              </th>
              <th scope="col" class="number">
                q
              </th>
            </tr>
          </thead>
          <tbody>
            {Array.from(rows, (g) => (
              <tr key={genes.id[g]}>
                <th scope="row">
                  <button type="button" onClick={() => open(g)}>
                    {geneName(genes, g)}
                  </button>
                </th>
                <td>{genes.variant[g]}</td>
                <td class="number">{signed(genes.slope[g]!)}</td>
                <td>{genes.effectAllele[g]}</td>
                <td class="number">{pValue(genes.log10P[g]!)}</td>
                <td class="number">{qText(genes.q[g]!)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function qText(q: number): string {
  return Number.isNaN(q) ? "–" : pValue(Math.log10(q));
}
