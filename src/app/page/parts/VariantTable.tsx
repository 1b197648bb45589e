import { useMemo, useState } from "preact/hooks";
import { count, placeText, plain, pValue, signed } from "../../../report/numbers.ts";
import type { GeneSignals, PairColumns } from "../../engine/protocol.ts";
import { select, selection } from "../state.ts";
import { strongestFirst } from "./RegionalView.tsx";
import { ShowMore } from "./ShowMore.tsx";

export interface VariantTableProps {
  readonly pairs: PairColumns;
  readonly r2: Float64Array | undefined;
  readonly signals: GeneSignals | undefined;
  readonly title: string;
}

const PAGE = 25;
type By = "position" | "af" | "slope" | "p" | "r2" | "pip";

/** The gene's variants, strongest first; any column sorts them. */
export function VariantTable({ pairs, r2, signals, title }: VariantTableProps) {
  const [by, setBy] = useState<By>("p");
  const [turned, setTurned] = useState(false);
  const [shown, setShown] = useState(PAGE);
  const pip = signals?.pip;
  const order = useMemo(() => sorted(pairs, { r2, pip }, by, turned), [pairs, r2, pip, by, turned]);
  const columns: readonly (readonly [By, string])[] = [
    ["position", "Position"],
    ["af", "AF"],
    ["slope", "Slope ± SE"],
    ["p", "p"],
    ...(r2 === undefined ? [] : [["r2", "r²"] as const]),
    ...(pip === undefined ? [] : [["pip", "PIP"] as const]),
  ];
  const head = ([name, title]: readonly [By, string]) => (
    <th
      key={name}
      scope="col"
      class="number"
      aria-sort={by === name ? (ascends(name) !== turned ? "ascending" : "descending") : "none"}
    >
      <button
        type="button"
        class="sort"
        onClick={() => {
          setTurned(by === name && !turned);
          setBy(name);
        }}
      >
        {title}
        <span aria-hidden="true">{by === name ? (ascends(name) !== turned ? "▴" : "▾") : ""}</span>
      </button>
    </th>
  );
  return (
    <section class="panel wide variants">
      <h3>{title}</h3>
      <div class="table">
        <table class="tight">
          <caption class="visually-hidden">{count(pairs.variant.length)} variants</caption>
          <thead>
            <tr>
              <th scope="col">Variant</th>
              <th scope="col">Alleles (other&gt;effect)</th>
              {columns.map(head)}
            </tr>
          </thead>
          <tbody>
            {order.slice(0, shown).map((i) => (
              <tr key={i} aria-current={pairs.variant[i] === selection.value.variant ? "true" : undefined}>
                <th scope="row">
                  <button type="button" class="link" onClick={() => select({ variant: pairs.variant[i] })}>
                    {pairs.variant[i]}
                  </button>
                </th>
                <td>
                  {pairs.otherAllele[i]}&gt;{pairs.effectAllele[i]}
                </td>
                <td class="number">{placeText(pairs.chromosome[i]!, pairs.position[i]!)}</td>
                <td class="number">{plain(pairs.af[i]!, 2)}</td>
                <td class="number">
                  {signed(pairs.slope[i]!)} ± {plain(pairs.slopeSe[i]!, 2)}
                </td>
                <td class="number">{pValue(pairs.log10P[i]!)}</td>
                {r2 !== undefined && (
                  <td class="number">
                    {r2[i] === undefined || Number.isNaN(r2[i]) ? "–" : r2[i].toFixed(2)}
                  </td>
                )}
                {pip !== undefined && (
                  <td class="number">{Number.isNaN(pip[i]) ? "–" : pip[i]!.toFixed(3)}</td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ShowMore shown={shown} of={order.length} more={() => setShown(shown + 100)} />
    </section>
  );
}

/** Positions and p go up, sizes of the rest down. */
function ascends(by: By): boolean {
  return by === "position" || by === "p";
}

interface More {
  readonly r2: Float64Array | undefined;
  readonly pip: Float64Array | undefined;
}

function sorted(pairs: PairColumns, { r2, pip }: More, by: By, turned: boolean): number[] {
  const keys: Readonly<Record<By, ArrayLike<number> | undefined>> = {
    ...{ position: pairs.position, af: pairs.af, p: pairs.log10P, slope: pairs.slope.map(Math.abs) },
    ...{ r2, pip },
  };
  const key = keys[by];
  const first = strongestFirst(pairs.log10P);
  if (key === undefined) return first;
  const sign = ascends(by) !== turned ? 1 : -1;
  const missing = (i: number) => (Number.isNaN(key[i]) ? 1 : 0);
  return first.sort((a, b) => missing(a) - missing(b) || (missing(a) === 1 ? 0 : sign * (key[a]! - key[b]!)));
}
