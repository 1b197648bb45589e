import { useMemo } from "preact/hooks";
import { leadDistance } from "../../../report/leadDistance.ts";
import { count, counted, pValue } from "../../../report/numbers.ts";
import { qq } from "../../../report/qq.ts";
import type { GeneColumns, ResultView } from "../../engine/protocol.ts";
import { hrefOf } from "../history.ts";
import { ContextSwitch } from "../parts/ContextSwitch.tsx";
import { ManhattanFrame } from "../parts/ManhattanFrame.tsx";
import { geneName, mapPoints } from "../parts/mapPoints.ts";
import { PlotFrame } from "../parts/PlotFrame.tsx";
import { ofResult, shownKey } from "../parts/resultAnswers.ts";
import { testsOf } from "../parts/testsOf.ts";
import { useAnswer } from "../parts/useAnswer.ts";
import { largeText } from "../parts/words.ts";
import { result } from "../state.ts";

/** What was found: numbers, the Manhattan plot, and whether the p-values are right. */
export default function Overview() {
  const open = result.value;
  return open === undefined ? <p class="empty">No result is open.</p> : <Found key={open.id} open={open} />;
}

function Found({ open }: { readonly open: ResultView }) {
  const map = open.kind !== "network";
  return (
    <>
      <div class="view-head">
        <h1>{open.title}</h1>
        <p class="lede">{open.lede}</p>
      </div>
      {map ? <MapOverview open={open} /> : <ModuleOverview open={open} />}
      {open.messages.length > 0 && (
        <section class="panel notes">
          <h2>Notes of the run</h2>
          <ul>
            {open.messages.map(({ text }) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function MapOverview({ open }: { readonly open: ResultView }) {
  const { value: genes, error } = useAnswer(() => ofResult("genes"), [shownKey()]);
  const { value: points, error: noPoints } = useAnswer(mapPoints, [shownKey()]);
  const { value: sample } = useAnswer(() => ofResult("nullSample").catch(() => undefined), [shownKey()]);
  const failed = error ?? noPoints;
  return (
    <>
      {genes !== undefined && <ContextSwitch genes={genes} />}
      {genes !== undefined && <Cards open={open} genes={genes} lambda={sample?.lambda ?? open.lambda} />}
      {failed !== undefined && <p class="empty">{failed.message}</p>}
      <h2 class="visually-hidden">Plots</h2>
      <div class="figures">
        {points !== undefined && <ManhattanFrame map={points} />}
        {points === undefined && noPoints === undefined && <p class="loading wide">Reading the pairs</p>}
        <QqFrame open={open} />
        {genes !== undefined && open.kind === "cis" && <DistanceFrame open={open} genes={genes} />}
      </div>
    </>
  );
}

interface CardsProps {
  readonly open: ResultView;
  readonly genes: GeneColumns;
  readonly lambda: number;
}

function Cards({ open, genes, lambda }: CardsProps) {
  const tested = genes.log10P.filter((p) => !Number.isNaN(p)).length;
  const significant = genes.q.filter((q) => q <= open.significantQ).length;
  const best = strongest(genes);
  const tests = testsOf(open, genes);
  return (
    <dl class="cards">
      <div>
        <dt>Significant genes</dt>
        <dd>
          {count(significant)}
          <small>
            q ≤ {open.significantQ}, {tested === 0 ? 0 : Math.round((100 * significant) / tested)}% of{" "}
            {count(tested)} with a lead
          </small>
        </dd>
      </div>
      <div>
        <dt>Pairs tested</dt>
        <dd>
          {tests > 0 ? largeText(tests) : "–"}
          <small>{counted(genes.id.length, "gene")} in all</small>
        </dd>
      </div>
      <div>
        <dt>Samples</dt>
        <dd>
          {count(open.samples)}
          {open.cohort ? (
            <small>loaded: LD and values can be shown</small>
          ) : (
            <small>no cohort is loaded</small>
          )}
        </dd>
      </div>
      <div>
        <dt>Inflation λ</dt>
        <dd>
          {Number.isNaN(lambda) ? "–" : lambda.toFixed(3)}
          <small>of the random sample of pairs</small>
        </dd>
      </div>
      {best >= 0 && (
        <div>
          <dt>Strongest gene</dt>
          <dd>
            <a href={hrefOf("gene", { gene: genes.id[best], variant: genes.variant[best] })}>
              {geneName(genes, best)}
            </a>
            <small>p = {pValue(genes.log10P[best]!)}</small>
          </dd>
        </div>
      )}
    </dl>
  );
}

function strongest({ log10P }: GeneColumns): number {
  let best = -1;
  for (const [g, p] of log10P.entries()) if (!Number.isNaN(p) && (best < 0 || p < log10P[best]!)) best = g;
  return best;
}

function QqFrame({ open }: { readonly open: ResultView }) {
  const { value: sample, error } = useAnswer(() => ofResult("nullSample"), [shownKey()]);
  const svg = useMemo(() => sample && qq({ document }, sample), [sample]);
  const cis = open.kind === "cis";
  return (
    <PlotFrame
      title="Are the p-values right?"
      name="qq"
      svg={svg}
      empty={error?.message}
      caption="A random sample of the pairs tested, sorted, against what chance alone would give."
      help={
        <p>
          The grey band holds 95% of the points when there is no effect and pairs are independent; real pairs
          are correlated, so read it as a guide.{" "}
          {cis
            ? "Most points should start on the dashed diagonal and leave it only to the right, where the real effects are: near genes there are many, and they raise λ as well."
            : "Nearly all points should lie on the dashed diagonal and λ be near 1."}{" "}
          Points that leave the diagonal from the very start mean confounding or too few covariates. λ is the
          median χ² of the sample over its expectation.
        </p>
      }
    />
  );
}

function DistanceFrame({ open, genes }: { readonly open: ResultView; readonly genes: GeneColumns }) {
  const distance = useMemo(() => leadDistances(genes, open.significantQ), [genes, open]);
  const svg = useMemo(
    () => leadDistance({ document }, { distance, window: reach(distance), from: "first base" }),
    [distance],
  );
  return (
    <PlotFrame
      title="Where the lead variants lie"
      name="lead-distance"
      svg={distance.length === 0 ? undefined : svg}
      empty={distance.length === 0 ? `No gene reached q ≤ ${open.significantQ}.` : undefined}
      caption={`Position of each significant gene's lead variant less that of the gene's first base.`}
      help={
        <p>Real cis effects crowd around the gene; leads spread evenly over the window would be chance.</p>
      }
    />
  );
}

/** Position of the lead less the first base, of genes at or below q. */
export function leadDistances({ q, position, start }: GeneColumns, limit: number): Float64Array {
  const found: number[] = [];
  for (const [g, value] of q.entries())
    if (value <= limit && position[g]! > 0 && start[g]! > 0) found.push(position[g]! - start[g]!);
  return Float64Array.from(found);
}

/** The furthest lead, up to the next 100 kb; up to the next Mb from one on. */
function reach(distance: Float64Array): number {
  const most = distance.reduce((far, d) => Math.max(far, Math.abs(d)), 1);
  const step = most > 1_050_000 ? 1_000_000 : 100_000;
  return most > 1_000_000 && most <= 1_050_000 ? 1_000_000 : Math.ceil(most / step) * step;
}

function ModuleOverview({ open }: { readonly open: ResultView }) {
  const { value: modules } = useAnswer(() => ofResult("modules"), [open.id]);
  if (modules === undefined) return <p class="loading">Reading the modules</p>;
  return (
    <section class="panel">
      <h2>Modules</h2>
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">Module</th>
              <th scope="col" class="number">
                Genes
              </th>
              <th scope="col">Hub</th>
            </tr>
          </thead>
          <tbody>
            {modules.colours.map((colour, module) => (
              <tr key={colour}>
                <th scope="row">
                  <a href={hrefOf("network", { module })}>{module === 0 ? `${colour} (in none)` : colour}</a>
                </th>
                <td class="number">{count(modules.sizes[module]!)}</td>
                <td>{module === 0 ? "–" : modules.hubs[module]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
