/** As ./viewsMain.ts, with a GWAS among the files: so that all views that relate the map to others are there. */
import "../../../src/app/page/main.tsx";
import { engine, show } from "../../../src/app/page/engine.ts";
import { result, understanding } from "../../../src/app/page/state.ts";

const id = new URLSearchParams(location.search).get("open");
if (id !== null)
  Promise.all([engine.understand([]), engine.reopen(id)]).then(([files, open]) => {
    understanding.value = files;
    result.value = { ...open, gwas: ["bmi.tsv.gz", "height.tsv.gz"] };
  }, show);
