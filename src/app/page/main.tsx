import { render } from "preact";
import { App } from "./app.tsx";
import { watchFrame } from "./frame.ts";

const root = document.getElementById("app");
if (root !== null) {
  root.textContent = "";
  render(<App />, root);
  watchFrame();
}
