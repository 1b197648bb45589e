import { useMemo } from "preact/hooks";
import { stackedPanels, zScatter } from "../../../report/locusCompare.ts";
import { count, counted, megabases, plain, pValue } from "../../../report/numbers.ts";
import type {
  GeneColumns,
  GwasColumns,
  GwasLocus,
  PairColumns,
  RegionTracks,
} from "../../engine/protocol.ts";
import { engine } from "../engine.ts";
import { hrefOf } from "../history.ts";
import { ColocFacts } from "../parts/ColocFacts.tsx";
import { leadsWithoutZ, type MatchedVariants, matchVariants, strongestOf } from "../parts/colocMatch.ts";
import { LocusTable } from "../parts/LocusTable.tsx";
import { geneName } from "../parts/mapPoints.ts";
import { PictureView } from "../parts/PictureView.tsx";
import { strongestFirst } from "../parts/RegionalView.tsx";
import { ofResult, shownKey } from "../parts/resultAnswers.ts";
import { useAnswer } from "../parts/useAnswer.ts";
import { result, select, selection, setSetting, setting } from "../state.ts";

/** The map beside the GWAS, locus by locus: do the same variants act on the gene and on the trait? */
export default function Coloc() {
  const [id, shown] = [result.value?.id, shownKey()];
  const { value: genes, error } = useAnswer(() => ofResult("genes"), [shown]);
  const { value: found, error: failed } = useAnswer(() => ofResult("gwasLoci"), [shown]);
  if (id === undefined) return <p class="empty">No result is open.</p>;
  const problem = error ?? failed;
  if (problem !== undefined) return <p class="empty">{problem.message}</p>;
  if (genes === undefined || found === undefined) return <p class="loading">Looking for loci of the GWAS</p>;
  if (found.loci.length === 0)
    return (
      <p class="empty">
        No locus of the GWAS lies in a tested window. Drop the trait's summary statistics among the files;
        they need a variant, its alleles, and z or effect with standard error.
      </p>
    );
  return <Loci key={`${id} ${genes.context}`} genes={genes} loci={found.loci} says={found.says} />;
}

interface LociProps {
  readonly genes: GeneColumns;
  readonly loci: readonly GwasLocus[];
  readonly says: readonly string[];
}

function Loci({ genes, loci, says }: LociProps) {
  const wanted = setting("coloc.locus");
  const locus = loci.find(({ variant }) => variant === wanted) ?? loci[0]!;
  const own = [...locus.genes];
  const selected = genes.id.indexOf(selection.value.gene ?? "");
  const gene = own.includes(selected) ? selected : own[0];
  return (
    <>
      <div class="view-head">
        <h1>The map beside the GWAS</h1>
        <p class="note">
          {counted(loci.length, "locus", "loci")} of the GWAS within tested windows, strongest first.
        </p>
        {says.map((text) => (
          <p class="note warning" key={text}>
            {text}
          </p>
        ))}
      </div>
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
          <Locus key={`${locus.variant} ${gene}`} genes={genes} locus={locus} gene={gene} own={own} />
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
}

/** Bases to either side of the locus that are shown. */
const PAD = 200_000;

function Locus({ genes, locus, gene, own }: LocusProps) {
  const { chromosome } = locus;
  const [start, end] = [Math.max(1, locus.start - PAD), locus.end + PAD];
  const { value: pairs, error } = useAnswer(() => engine.pairs(gene, genes.context), [gene]);
  const { value: tracks, error: failed } = useAnswer(
    () => engine.region({ chromosome, start, end }),
    [chromosome, start, end],
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
        <Compared {...{ genes, gene, name, pairs, tracks, chromosome, start, end }} />
      )}
    </div>
  );
}

interface ComparedProps {
  readonly genes: GeneColumns;
  readonly gene: number;
  readonly name: string;
  readonly pairs: PairColumns;
  readonly tracks: RegionTracks;
  readonly chromosome: string;
  readonly start: number;
  readonly end: number;
}

const NO_GWAS: GwasColumns = {
  ...{ variant: [], effectAllele: [], otherAllele: [], position: new Int32Array(0) },
  ...{ z: new Float64Array(0), log10P: new Float64Array(0), frequency: new Float64Array(0) },
};

function Compared(props: ComparedProps) {
  const { pairs, tracks } = props;
  const gwas = tracks.gwas ?? NO_GWAS;
  const matched = useMemo(() => matchVariants(pairs, gwas), [pairs, gwas]);
  const byGwas = setting("coloc.lead") === "gwas";
  const chosen = matched.id.indexOf(selection.value.variant ?? "");
  const strongest = byGwas ? strongestOf(gwas.log10P, matched.gwas) : strongestOf(pairs.log10P, matched.pair);
  const lead = setting("coloc.lead") === "selected" && chosen >= 0 ? chosen : strongest;
  const leadId = matched.id[lead];
  const { value: r2 } = useAnswer(
    () => (leadId === undefined ? undefined : engine.ld(leadId, pairs.variant).catch(() => undefined)),
    [leadId, pairs],
  );
  return (
    <>
      <Panels {...props} {...{ gwas, matched, lead, r2 }} />
      <Scatter {...props} {...{ gwas, matched, lead, r2 }} />
      <ColocFacts name={props.name} pairs={pairs} gwas={gwas} matched={matched} />
    </>
  );
}

interface DrawnProps extends ComparedProps {
  readonly gwas: GwasColumns;
  readonly matched: MatchedVariants;
  /** Of the matched variants; -1 is none. */
  readonly lead: number;
  /** With the lead, by row of the pairs. */
  readonly r2: Float64Array | undefined;
}

function Panels({
  genes,
  gene,
  name,
  pairs,
  tracks,
  gwas,
  matched,
  lead,
  r2,
  chromosome,
  start,
  end,
}: DrawnProps) {
  const picture = useMemo(() => {
    const ofGwas = new Map([...matched.gwas].map((row, i) => [row, matched.pair[i]!] as const));
    const gwasR2 =
      r2 && Float64Array.from(gwas.position, (_, row) => r2[ofGwas.get(row) ?? -1] ?? Number.NaN);
    return stackedPanels(
      { document },
      {
        ...{
          chromosome,
          start,
          end,
          genes: tracks.genes,
          focus: genes.id[gene],
          title: `${name} and the GWAS`,
        },
        upper: {
          ...{
            id: pairs.variant,
            position: pairs.position,
            log10P: pairs.log10P,
            r2,
            lead: matched.pair[lead] ?? -1,
          },
          ...{ recombination: tracks.recombination, text: `expression of ${name}` },
        },
        lower: {
          ...{
            id: gwas.variant,
            position: gwas.position,
            log10P: gwas.log10P,
            r2: gwasR2,
            lead: matched.gwas[lead] ?? -1,
          },
          ...{
            recombination: tracks.recombination,
            text: "GWAS",
            threshold: { log10P: Math.log10(5e-8), text: "5 × 10⁻⁸" },
          },
        },
      },
    );
  }, [genes, gene, name, pairs, tracks, gwas, matched, lead, r2, chromosome, start, end]);
  const n = pairs.variant.length;
  const order = useMemo(
    () => [...strongestFirst(pairs.log10P), ...strongestFirst(gwas.log10P).map((row) => row + n)],
    [pairs, gwas, n],
  );
  const text = (i: number): readonly [string, string, number] =>
    i < n ? [pairs.variant[i]!, name, pairs.log10P[i]!] : [gwas.variant[i - n]!, "GWAS", gwas.log10P[i - n]!];
  return (
    <PictureView
      wide
      title="Both traits along the chromosome"
      name={`${genes.id[gene]}-gwas-panels`}
      picture={picture}
      what="variants of both traits"
      order={order}
      about={(i) => `${text(i)[0]}, ${text(i)[1]}, p = ${pValue(text(i)[2])}`}
      tip={(i) => (
        <>
          <strong>{text(i)[0]}</strong>
          <span>
            {text(i)[1]}: p = {pValue(text(i)[2])}
          </span>
        </>
      )}
      onChoose={(i) => select({ variant: text(i)[0] })}
      tools={<LeadSwitch selected={matched.id.includes(selection.value.variant ?? "")} />}
      caption={
        r2 === undefined
          ? "Load the cohort's files to colour variants by their linkage (r²) with the lead."
          : "Both panels are coloured by linkage (r²) with the diamond; the switch takes the lead of the other trait."
      }
      help={
        <p>
          One shared cause: the same variants lead in both panels, in the same colours. When the other trait's
          lead is taken and the warm colours leave the tower, the two traits have different causes in linkage.
        </p>
      }
    />
  );
}

function LeadSwitch({ selected }: { readonly selected: boolean }) {
  const now = setting("coloc.lead");
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in a row of tools
    <span class="group" role="group" aria-label="Whose lead the linkage is with">
      {[
        ["Lead of the gene", ""],
        ["of the GWAS", "gwas"],
        ["selected variant", "selected"],
      ].map(([text, value = ""]) => (
        <button
          key={value}
          type="button"
          class="small"
          aria-pressed={now === value}
          disabled={value === "selected" && !selected}
          onClick={() => setSetting("coloc.lead", value)}
        >
          {text}
        </button>
      ))}
    </span>
  );
}

function Scatter({ genes, gene, name, pairs, gwas, matched, lead, r2, start, end }: DrawnProps) {
  const picture = useMemo(
    () =>
      zScatter(
        { document },
        {
          ...{
            id: matched.id,
            x: matched.gwasZ,
            y: matched.mapZ,
            lead,
            xText: "GWAS",
            yText: `expression of ${name}`,
          },
          r2: r2 && Float64Array.from(matched.pair, (row) => r2[row]!),
          title: `${name} and the GWAS`,
        },
      ),
    [matched, lead, r2, name],
  );
  const order = useMemo(() => {
    const p = Float64Array.from(matched.pair, (row) => pairs.log10P[row]!);
    return strongestFirst(p);
  }, [matched, pairs]);
  const line = (i: number) =>
    `z ${plain(matched.mapZ[i]!, 3)} of ${name}, ${plain(matched.gwasZ[i]!, 3)} of the GWAS`;
  // The GWAS is read for the locus; the gene's window reaches farther.
  const here = pairs.position.reduce((sum, at) => sum + Number(at >= start && at <= end), 0);
  const left = gwas.variant.length === 0 ? "The GWAS has nothing here." : undefined;
  return (
    <PictureView
      title="Variant by variant"
      name={`${genes.id[gene]}-gwas-z`}
      picture={picture}
      empty={left}
      what="variants in both"
      order={order}
      about={(i) => `${matched.id[i]}, ${line(i)}`}
      tip={(i) => (
        <>
          <strong>{matched.id[i]}</strong>
          <span>{line(i)}</span>
        </>
      )}
      onChoose={(i) => select({ variant: matched.id[i] })}
      caption={`z of both traits for the allele that the map counts: ${count(matched.id.length)} of the gene's ${counted(here, "variant")} of this stretch are in the GWAS${leftOutOf(matched, leadsWithoutZ(matched, pairs, gwas))}.`}
      help={
        <p>
          A straight band through the middle speaks for one cause: up to the right, the allele that raises
          expression raises the trait; down to the right, it lowers it. Two arms along the axes speak for two
          causes.
        </p>
      }
    />
  );
}

function leftOutOf({ otherAlleles, palindromic }: MatchedVariants, leads: readonly string[]): string {
  const among = leads.length > 0 ? `, the strongest (${leads.join(", ")}) among them` : "";
  const strand =
    palindromic > 0
      ? `; ${counted(palindromic, "A/T or C/G variant")} whose strand frequencies do not tell left out here${among}`
      : "";
  return `${otherAlleles > 0 ? `, ${count(otherAlleles)} more with other alleles (left out)` : ""}${strand}`;
}
