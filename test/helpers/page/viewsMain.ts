/** The page as it is, with a result opened by name through the address' query: `?open=cis 200 5000`. Takes the place of main.js in tests. */
import "../../../src/app/page/main.tsx";
import { engine, show } from "../../../src/app/page/engine.ts";
import { result } from "../../../src/app/page/state.ts";

const id = new URLSearchParams(location.search).get("open");
if (id !== null)
  engine.reopen(id).then((open) => {
    result.value = open;
  }, show);
