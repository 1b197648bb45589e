import { useMemo } from "preact/hooks";
import { interactionScatter } from "../../../report/interactionScatter.ts";
import { plain } from "../../../report/numbers.ts";
import { engine } from "../engine.ts";
import { result, setSetting, setting } from "../state.ts";
import type { PairPanelProps } from "./ForestPanel.tsx";
import { PictureView } from "./PictureView.tsx";
import { ofResult } from "./resultAnswers.ts";
import { useAnswer } from "./useAnswer.ts";

/** Expression against a context (that of the map unless another one was chosen), by genotype; nothing where no context was given. */
export function InteractionPanel({ gene, name, variant, mapped = "" }: PairPanelProps) {
  const id = result.value?.id;
  const { value: contexts = [] } = useAnswer(() => ofResult("contexts").catch(() => []), [id]);
  const wanted = setting("gene.context");
  const context = [wanted, mapped].find((one) => contexts.includes(one)) ?? contexts[0];
  const raw = setting("gene.values") === "raw";
  const { value } = useAnswer(
    () =>
      context === undefined
        ? undefined
        : engine.interaction({ gene, variant }, context).catch(() => undefined),
    [id, gene, variant, context],
  );
  const picture = useMemo(
    () =>
      value === undefined || context === undefined
        ? undefined
        : interactionScatter(
            { document },
            {
              ...{ gene: name, variant, effectAllele: value.effectAllele, otherAllele: value.otherAllele },
              ...{ genotype: value.genotype, context: value.context, contextName: context },
              expression: raw ? value.expression : value.residual,
              valueLabel: raw ? "Expression" : "Expression, covariates removed",
            },
          ),
    [value, context, raw, name, variant],
  );
  const order = useMemo(() => byContext(value?.context), [value]);
  if (context === undefined || value === undefined || picture === undefined) return null;
  const values = raw ? value.expression : value.residual;
  return (
    <PictureView
      title="Expression by context and genotype"
      name={`${gene}-${variant}-${context}`}
      picture={picture}
      what="samples"
      order={order}
      about={(i) =>
        `${value.samples[i]}, ${plain(value.genotype[i]!, 2)} copies, ${context} ${plain(value.context[i]!, 3)}`
      }
      tip={(i) => (
        <>
          <strong>{value.samples[i]}</strong>
          <span>
            {plain(value.genotype[i]!, 2)} copies of {value.effectAllele || "the effect allele"}
          </span>
          <span>
            {context} {plain(value.context[i]!, 3)}
          </span>
          <span>expression {plain(values[i]!, 3)}</span>
        </>
      )}
      tools={
        contexts.length > 1 && (
          <label>
            Context
            <select
              value={context}
              onChange={({ currentTarget }) => setSetting("gene.context", currentTarget.value)}
            >
              {contexts.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          </label>
        )
      }
      caption="A line of least squares for each genotype; what was tested, with its p, is in the table of the interaction map."
      help={
        <p>
          Lines that run together: the effect of the variant is the same whatever the context. Lines that fan
          out: it grows with the context, as where only one cell type has it. Lines that cross turn it round,
          which is rare and worth a second look.
        </p>
      }
    />
  );
}

function byContext(context: Float64Array | undefined): number[] {
  return context === undefined ? [] : [...context.keys()].sort((a, b) => context[a]! - context[b]! || a - b);
}
