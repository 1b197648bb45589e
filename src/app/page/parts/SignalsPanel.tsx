import { count, plain, pValue } from "../../../report/numbers.ts";
import type { GeneSignals } from "../../engine/protocol.ts";
import { select } from "../state.ts";

export interface SignalsPanelProps {
  readonly value?: GeneSignals | undefined;
  readonly error?: Error | undefined;
  readonly waiting: boolean;
}

/** Conditional signals and credible sets of a gene, where they come from, and why there are none. */
export function SignalsPanel({ value, error, waiting }: SignalsPanelProps) {
  if (value === undefined && error === undefined && !waiting) return null;
  return (
    <section class="panel">
      <h3>Signals</h3>
      {value === undefined && error === undefined && <p class="loading">Searching the gene for signals</p>}
      {error !== undefined && <p class="note">{error.message}</p>}
      {value !== undefined && <Tables signals={value} />}
    </section>
  );
}

function Tables({ signals: { independent, credibleSets, says } }: { readonly signals: GeneSignals }) {
  const variantButton = (variant: string) => (
    <button type="button" class="link" onClick={() => select({ variant })}>
      {variant}
    </button>
  );
  return (
    <>
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
      {independent.length === 0 && credibleSets.length === 0 && (
        <p class="note">No signal and no credible set.</p>
      )}
      {says.map((text) => (
        <p class="note" key={text}>
          {text}
        </p>
      ))}
    </>
  );
}
