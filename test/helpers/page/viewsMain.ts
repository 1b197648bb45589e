/**
 * The page as it is, with a result opened through the address' query: by name (`?open=cis 200 5000`), or of files beside the page
 * (`?files=cis_genes.parquet,cis_pairs.parquet`). Takes the place of main.js in tests.
 */
import "../../../src/app/page/main.tsx";
import { engine, show } from "../../../src/app/page/engine.ts";
import { result } from "../../../src/app/page/state.ts";

const query = new URLSearchParams(location.search);
const [id, files] = [query.get("open"), query.get("files")];
const opening =
  id !== null
    ? engine.reopen(id)
    : files !== null
      ? engine.openResult(
          files.split(",").map((name) => ({ name, url: new URL(name, document.baseURI).href })),
        )
      : undefined;
opening?.then((open) => {
  result.value = open;
}, show);
