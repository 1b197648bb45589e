import { count, plain, pValue } from "../../../report/numbers.ts";
import type { GwasColumns, PairColumns } from "../../engine/protocol.ts";
import { engine } from "../engine.ts";
import { select } from "../state.ts";
import { type MatchedVariants, strongestOf } from "./colocMatch.ts";
import { useAnswer } from "./useAnswer.ts";

export interface ColocFactsProps {
  readonly name: string;
  readonly pairs: PairColumns;
  readonly gwas: GwasColumns;
  readonly matched: MatchedVariants;
}

/** The two leads in words: how each does in the other trait, and how they are linked. */
export function ColocFacts({ name, pairs, gwas, matched }: ColocFactsProps) {
  const ofMap = strongestOf(pairs.log10P, matched.pair);
  const ofGwas = strongestOf(gwas.log10P, matched.gwas);
  const [mapLead, gwasLead] = [matched.id[ofMap], matched.id[ofGwas]];
  const { value: r2 } = useAnswer(
    () =>
      mapLead === undefined || gwasLead === undefined
        ? undefined
        : engine.ld(mapLead, [gwasLead]).catch(() => undefined),
    [mapLead, gwasLead],
  );
  if (mapLead === undefined || gwasLead === undefined)
    return (
      <section class="panel">
        <h3>The two leads</h3>
        <p class="note">
          No variant of the gene is in the GWAS with the same alleles: check that both use one genome build.
        </p>
      </section>
    );
  const linked = r2?.[0] ?? Number.NaN;
  return (
    <section class="panel">
      <h3>The two leads</h3>
      <table class="tight">
        <caption class="visually-hidden">The leads of both traits, among the variants that both have</caption>
        <thead>
          <tr>
            <th scope="col">Lead of</th>
            <th scope="col">Variant</th>
            <th scope="col" class="number">
              p, {name}
            </th>
            <th scope="col" class="number">
              p, GWAS
            </th>
          </tr>
        </thead>
        <tbody>
          {[
            [name, ofMap],
            ["the GWAS", ofGwas],
          ].map(([whose, row]) => (
            <tr key={whose}>
              <th scope="row">{whose}</th>
              <td>
                <button
                  type="button"
                  class="link"
                  onClick={() => select({ variant: matched.id[Number(row)] })}
                >
                  {matched.id[Number(row)]}
                </button>
              </td>
              <td class="number">{pValue(pairs.log10P[matched.pair[Number(row)]!]!)}</td>
              <td class="number">{pValue(gwas.log10P[matched.gwas[Number(row)]!]!)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>{verdict(mapLead, gwasLead, linked)}</p>
      <p class="note">
        Of {count(matched.id.length)} variants in both. Pictures and leads suggest; a posterior of one shared
        cause takes a colocalisation method.
      </p>
    </section>
  );
}

/** r2 from which leads that differ may well stand for one signal, and below which hardly. */
const CLOSE = 0.8;
const APART = 0.2;

function verdict(mapLead: string, gwasLead: string, r2: number): string {
  if (mapLead === gwasLead) return "Both traits have the same lead.";
  if (Number.isNaN(r2)) return "The leads differ; their linkage is not known without the cohort's files.";
  const linkage = `The leads differ, with r² ${plain(r2, 2)} between them:`;
  if (r2 >= CLOSE) return `${linkage} they may well stand for one signal.`;
  return r2 < APART ? `${linkage} they hardly stand for one signal.` : `${linkage} this alone does not tell.`;
}
