import { signal } from "@preact/signals";
import type { ComparedResult } from "../../engine/protocol.ts";
import { engine, show } from "../engine.ts";
import { result } from "../state.ts";

/** The results that are compared, the open one first; of the result of this id. */
const compared = signal<{ readonly of: string; readonly results: readonly ComparedResult[] } | undefined>(
  undefined,
);

/** How many results are compared: what is drawn of them is drawn again when it changes. */
export function comparedCount(): number {
  return compared.value?.of === result.value?.id ? (compared.value?.results.length ?? 0) : 0;
}

/** Other cohorts' results beside the open one: their effects come into the forest plot. */
export function ComparePanel() {
  const results = comparedCount() > 0 ? (compared.value?.results.slice(1) ?? []) : [];
  const add = async (files: readonly File[]): Promise<void> => {
    try {
      const given = files.map((file) => ({ name: file.webkitRelativePath || file.name, file }));
      compared.value = { of: result.peek()?.id ?? "", results: await engine.compare(given) };
    } catch (error) {
      show(error);
    }
  };
  return (
    <section class="panel" aria-labelledby="compare-title">
      <h3 id="compare-title">Other cohorts</h3>
      {results.map(({ name, samples, genes }) => (
        <p class="note" key={name}>
          {name}: {genes} genes{samples > 0 && `, ${samples} samples`}
        </p>
      ))}
      <label class="file-button">
        Compare with another result
        <input
          type="file"
          multiple
          onChange={({ currentTarget }) => {
            const files = [...(currentTarget.files ?? [])];
            currentTarget.value = "";
            if (files.length > 0) void add(files);
          }}
        />
      </label>
      <p class="note">
        Choose the tables of its folder (cis_genes, cis_pairs, manifest.json). Effects are turned to the same
        allele.
      </p>
    </section>
  );
}
