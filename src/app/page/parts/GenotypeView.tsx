import { useMemo } from "preact/hooks";
import { expressionByGenotype } from "../../../report/genotype.ts";
import type { GeneColumns, PairColumns } from "../../engine/protocol.ts";
import { engine } from "../engine.ts";
import { result, setSetting, setting } from "../state.ts";
import { geneName } from "./mapPoints.ts";
import { PlotFrame } from "./PlotFrame.tsx";
import { useAnswer } from "./useAnswer.ts";

export interface GenotypeViewProps {
  readonly genes: GeneColumns;
  readonly gene: number;
  readonly pairs: PairColumns;
  /** Row of the variant. */
  readonly row: number;
}

/** Expression of the gene by genotype at a variant, with the covariates taken out or as it is. */
export function GenotypeView({ genes, gene, pairs, row }: GenotypeViewProps) {
  const id = genes.id[gene]!;
  const variant = pairs.variant[row] ?? "";
  const raw = setting("gene.values") === "raw";
  // Asked again once the cohort is there: `qortex view` opens it after its result.
  const { value, error, waiting } = useAnswer(
    () => engine.values({ gene: id, variant }),
    [id, variant, result.value?.cohort],
  );
  const svg = useMemo(
    () =>
      value &&
      expressionByGenotype(
        { document },
        {
          ...{
            gene: geneName(genes, gene),
            variant,
            effectAllele: value.effectAllele,
            otherAllele: value.otherAllele,
          },
          genotype: value.genotype,
          expression: raw ? value.expression : value.residual,
          slope: pairs.slope[row]!,
          slopeSe: pairs.slopeSe[row]!,
          log10P: pairs.log10P[row]!,
          valueLabel: raw ? "Expression" : "Expression, covariates removed",
        },
      ),
    [value, raw, genes, gene, variant, pairs, row],
  );
  const none =
    error?.message ??
    (value === undefined && !waiting
      ? "Load the cohort's files to see expression by genotype, sample by sample: a result alone does not hold them."
      : undefined);
  return (
    <PlotFrame
      title="Expression by genotype"
      name={`${id}-${variant}-genotype`}
      svg={svg}
      empty={none}
      tools={
        <fieldset class="group" aria-label="What values">
          {[
            ["Covariates removed", ""],
            ["As it is", "raw"],
          ].map(([text, value]) => (
            <button
              key={text}
              type="button"
              class="small"
              aria-pressed={raw === (value === "raw")}
              onClick={() => setSetting("gene.values", value ?? "")}
            >
              {text}
            </button>
          ))}
        </fieldset>
      }
      caption={
        value &&
        `At ${variant}; the slope is per copy of ${value.effectAllele || "the effect allele"}${raw ? ", as fitted with the covariates" : ""}.`
      }
      help={
        <p>
          Each point is a sample. Boxes hold the middle half of each genotype, the bar is the median. Look for
          a steady step from class to class that does not hang on a few samples.
        </p>
      }
    />
  );
}
