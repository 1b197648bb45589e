import { useEffect, useRef } from "preact/hooks";
import { show } from "../../engine.ts";
import { exampleThere, giveExample, giveFiles } from "../../filesGiven.ts";
import { busy, files } from "../../state.ts";
import { Icon } from "../Icon.tsx";

/** Files by choosing, or the example; and the word that they can be dropped, which they can anywhere (../DropAnywhere.tsx). */
export function DropZone() {
  const given = files.value.length > 0;
  const input = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  // Chromium's name for it, which the others took over and TypeScript has not.
  useEffect(() => folder.current?.setAttribute("webkitdirectory", ""), []);
  const take = ({ currentTarget }: { readonly currentTarget: HTMLInputElement }): void => {
    const chosen = [...(currentTarget.files ?? [])].filter(({ name }) => !name.startsWith("."));
    currentTarget.value = "";
    giveFiles(chosen.map((file) => ({ name: file.name, file }))).catch(show);
  };
  return (
    <section class={`drop${given ? " more" : ""}`} aria-label="Choose files">
      <Icon name="drop" />
      <p class="drop-title">{given ? "Drop more files anywhere" : "Drop your files anywhere"}</p>
      <p class="note">
        PLINK .bed, .bim and .fam, or VCF (.gz); expression as BED, TSV or Parquet; covariates. Optional: gene
        models (GTF, BED), a recombination map, GWAS statistics, contexts. Or the tables of a finished result.
      </p>
      <p class="buttons">
        <button type="button" class={given ? "" : "primary"} onClick={() => input.current?.click()}>
          Choose files
        </button>
        <button type="button" onClick={() => folder.current?.click()}>
          Choose a folder
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
        onChange={take}
      />
      <input
        ref={folder}
        class="visually-hidden"
        type="file"
        tabIndex={-1}
        aria-label="A folder of files"
        onChange={take}
      />
      {!given && exampleThere() && (
        <p class="note">
          The example: 358 Europeans of GEUVADIS, 608 genes, 49,799 variants of chromosome 22.
        </p>
      )}
    </section>
  );
}
