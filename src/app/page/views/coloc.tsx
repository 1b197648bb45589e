import { useMemo } from "preact/hooks";
import { counted, megabases, pValue } from "../../../report/numbers.ts";
import type { GeneColumns, GwasColumns, GwasLoci, GwasLocus } from "../../engine/protocol.ts";
import { engine } from "../engine.ts";
import { hrefOf } from "../history.ts";
import { ColocFacts } from "../parts/ColocFacts.tsx";
import { ColocPanels, type ComparedProps } from "../parts/ColocPanels.tsx";
import { ColocScatter } from "../parts/ColocScatter.tsx";
import { matchVariants, strongestOf } from "../parts/colocMatch.ts";
import { LocusTable } from "../parts/LocusTable.tsx";
import { geneName } from "../parts/mapPoints.ts";
import { chosenContext, ofResult, shownKey } from "../parts/resultAnswers.ts";
import { useAnswer } from "../parts/useAnswer.ts";
import { result, select, selection, setSetting, setting } from "../state.ts";

/** The map beside the GWAS, locus by locus: do the same variants act on the gene and on the trait? */
export default function Coloc() {
  const [id, shown] = [result.value?.id, shownKey()];
  const traits = result.value?.gwas ?? [];
  const chosen = setting("coloc.gwas");
  const trait = traits.includes(chosen) ? chosen : traits[0];
  const { value: genes, error } = useAnswer(() => ofResult("genes"), [shown]);
  const { value: found, error: failed } = useAnswer(
    async () => ({ trait, ...(await engine.gwasLoci(chosenContext(), trait)) }),
    [shown, trait],
  );
  if (id === undefined) return <p class="empty">No result is open.</p>;
  if (trait === undefined)
    return (
      <p class="empty">
        The result that is open came without a GWAS. Drop the trait's summary statistics among the files
        before the map is made or opened; they need a variant, its alleles, and z or effect with standard
        error.
      </p>
    );
  const problem = error ?? failed;
  return (
    <>
      <div class="view-head row">
        <h1>The map beside the GWAS</h1>
        <TraitSwitch traits={traits} trait={trait} />
        {found?.trait === trait && <Found loci={found.loci} says={found.says} />}
      </div>
      {problem !== undefined ? (
        <p class="empty">{problem.message}</p>
      ) : genes === undefined || found?.trait !== trait ? (
        <p class="loading">Looking for loci of {trait}</p>
      ) : found.loci.length === 0 ? (
        <p class="empty">No locus of {trait} lies in a tested window.</p>
      ) : (
        <Loci key={`${id} ${genes.context} ${trait}`} genes={genes} loci={found.loci} trait={trait} />
      )}
    </>
  );
}

/** Which GWAS is shown; of one alone its name. */
function TraitSwitch({ traits, trait }: { readonly traits: readonly string[]; readonly trait: string }) {
  if (traits.length < 2) return <p class="note">GWAS: {trait}</p>;
  return (
    <label>
      GWAS{" "}
      <select
        value={trait}
        onChange={({ currentTarget }) =>
          setSetting("coloc.gwas", currentTarget.value === traits[0] ? "" : currentTarget.value)
        }
      >
        {traits.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}

function Found({ loci, says }: Pick<GwasLoci, "loci" | "says">) {
  return (
    <>
      {loci.length > 0 && (
        <p class="note">
          {counted(loci.length, "locus", "loci")} of the GWAS within tested windows, strongest first.
        </p>
      )}
      {says.map((text) => (
        <p class="note warning" key={text}>
          {text}
        </p>
      ))}
    </>
  );
}

interface LociProps {
  readonly genes: GeneColumns;
  readonly loci: readonly GwasLocus[];
  readonly trait: string;
}

function Loci({ genes, loci, trait }: LociProps) {
  const wanted = setting("coloc.locus");
  const locus = loci.find(({ variant }) => variant === wanted) ?? loci[0]!;
  const own = [...locus.genes];
  const selected = genes.id.indexOf(selection.value.gene ?? "");
  const gene = own.includes(selected) ? selected : own[0];
  return (
    <>
      <h2 class="visually-hidden">Loci and the one that is chosen</h2>
      <div class="coloc">
        <LocusTable
          genes={genes}
          loci={loci}
          chosen={locus}
          onChoose={(next) => setSetting("coloc.locus", next.variant)}
        />
        {gene === undefined ? (
          <p class="empty">No tested gene has this locus in its window.</p>
        ) : (
          <Locus key={`${locus.variant} ${gene}`} {...{ genes, locus, gene, own, trait }} />
        )}
      </div>
    </>
  );
}

interface LocusProps {
  readonly genes: GeneColumns;
  readonly locus: GwasLocus;
  /** Row of the gene, and all whose windows hold the locus. */
  readonly gene: number;
  readonly own: readonly number[];
  readonly trait: string;
}

/** Bases to either side of the locus that are shown. */
const PAD = 200_000;

function Locus({ genes, locus, gene, own, trait }: LocusProps) {
  const { chromosome } = locus;
  const [start, end] = [Math.max(1, locus.start - PAD), locus.end + PAD];
  const { value: pairs, error } = useAnswer(() => engine.pairs(gene, genes.context), [gene]);
  const { value: tracks, error: failed } = useAnswer(
    () => engine.region({ chromosome, start, end }, trait),
    [chromosome, start, end, trait],
  );
  const problem = error ?? failed;
  const name = geneName(genes, gene);
  return (
    <div class="figures coloc-locus">
      <div class="filters wide">
        <label>
          <span>Gene</span>
          <select
            value={String(gene)}
            onChange={({ currentTarget }) => select({ gene: genes.id[Number(currentTarget.value)] })}
          >
            {own.map((row) => (
              <option key={row} value={String(row)}>
                {geneName(genes, row)}, p = {pValue(genes.log10P[row]!)}
              </option>
            ))}
          </select>
        </label>
        <p class="note">
          <a href={hrefOf("gene", { gene: genes.id[gene] })}>{name}</a>
          {` beside the GWAS at ${megabases(chromosome, locus.position)} Mb`}
        </p>
      </div>
      {problem !== undefined && <p class="empty wide">{problem.message}</p>}
      {problem === undefined && (pairs === undefined || tracks === undefined) && (
        <p class="loading wide">Reading the locus</p>
      )}
      {pairs !== undefined && tracks !== undefined && (
        <Compared {...{ genes, gene, name, trait, pairs, tracks, chromosome, start, end }} />
      )}
    </div>
  );
}

const NO_GWAS: GwasColumns = {
  ...{ variant: [], effectAllele: [], otherAllele: [], position: new Int32Array(0) },
  ...{ z: new Float64Array(0), log10P: new Float64Array(0), frequency: new Float64Array(0) },
};

function Compared(props: ComparedProps) {
  const { pairs, tracks } = props;
  const gwas = tracks.gwas ?? NO_GWAS;
  const matched = useMemo(() => matchVariants(pairs, gwas), [pairs, gwas]);
  const wanted = setting("coloc.lead");
  const chosen = matched.id.indexOf(selection.value.variant ?? "");
  const whose = wanted === "gwas" ? "gwas" : wanted === "selected" && chosen >= 0 ? "selected" : "gene";
  const leads = {
    gene: strongestOf(pairs.log10P, matched.pair),
    gwas: strongestOf(gwas.log10P, matched.gwas),
    selected: chosen,
  };
  const lead = leads[whose];
  const leadId = matched.id[lead];
  const { value: r2 } = useAnswer(
    () => (leadId === undefined ? undefined : engine.ld(leadId, pairs.variant).catch(() => undefined)),
    [leadId, pairs],
  );
  return (
    <>
      <ColocPanels {...props} {...{ gwas, matched, lead, whose, r2 }} />
      <ColocScatter {...props} {...{ gwas, matched, lead, whose, r2 }} />
      <ColocFacts name={props.name} pairs={pairs} gwas={gwas} matched={matched} />
    </>
  );
}
