import { useRef, useState } from "preact/hooks";
import { show } from "../../engine.ts";
import { droppedFiles, giveExample, giveFiles } from "../../filesGiven.ts";
import { busy, files } from "../../state.ts";
import { Icon } from "../Icon.tsx";

/** Files by dropping or by choosing; or the example. */
export function DropZone() {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer !== null) droppedFiles(event.dataTransfer).then(giveFiles).catch(show);
  };
  return (
    <section
      class={over ? "drop over" : "drop"}
      aria-label="Choose files"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Icon name="drop" />
      <p class="drop-title">{files.value.length === 0 ? "Drop your files here" : "Drop more files here"}</p>
      <p class="note">
        PLINK .bed, .bim and .fam, or VCF (.gz); expression as BED, TSV or Parquet; covariates. Optional: gene
        models (GTF, BED), a recombination map, GWAS statistics, contexts. Or the tables of a finished result.
      </p>
      <p class="buttons">
        <button type="button" class="primary" onClick={() => input.current?.click()}>
          Choose files
        </button>
        <button type="button" disabled={busy.value !== undefined} onClick={() => void giveExample()}>
          Try the example
        </button>
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
      <p class="note">
        The example: 358 Europeans of GEUVADIS, 608 genes and 49,799 variants of chromosome 22 (7 MB).
      </p>
    </section>
  );
}
