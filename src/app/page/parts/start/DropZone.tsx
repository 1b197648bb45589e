import { useRef, useState } from "preact/hooks";
import { show } from "../../engine.ts";
import { droppedFiles, exampleThere, giveExample, giveFiles } from "../../filesGiven.ts";
import { busy, files } from "../../state.ts";
import { Icon } from "../Icon.tsx";

/** Files by dropping or by choosing; or the example. */
export function DropZone() {
  const given = files.value.length > 0;
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer !== null) droppedFiles(event.dataTransfer).then(giveFiles).catch(show);
  };
  return (
    <section
      class={`drop${over ? " over" : ""}${given ? " more" : ""}`}
      aria-label="Choose files"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Icon name="drop" />
      <p class="drop-title">{given ? "Drop more files here" : "Drop your files here"}</p>
      <p class="note">
        PLINK .bed, .bim and .fam, or VCF (.gz); expression as BED, TSV or Parquet; covariates. Optional: gene
        models (GTF, BED), a recombination map, GWAS statistics, contexts. Or the tables of a finished result.
      </p>
      <p class="buttons">
        <button type="button" class={given ? "" : "primary"} onClick={() => input.current?.click()}>
          Choose files
        </button>
        {!given && exampleThere() && (
          <button type="button" disabled={busy.value !== undefined} onClick={() => void giveExample()}>
            Try the example
          </button>
        )}
        {!given && busy.value !== undefined && <span class="note">{busy.value}…</span>}
      </p>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        multiple
        tabIndex={-1}
        aria-label="Files of a cohort"
        onChange={({ currentTarget }) => {
          const chosen = [...(currentTarget.files ?? [])].map((file) => ({ name: file.name, file }));
          currentTarget.value = "";
          giveFiles(chosen).catch(show);
        }}
      />
      {!given && exampleThere() && (
        <p class="note">
          The example: 358 Europeans of GEUVADIS, 608 genes, 49,799 variants of chromosome 22.
        </p>
      )}
    </section>
  );
}
