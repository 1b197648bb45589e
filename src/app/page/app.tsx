import type { ComponentType } from "preact";
import { useEffect, useErrorBoundary, useLayoutEffect, useRef, useState } from "preact/hooks";
import { announce, announced } from "./parts/announce.ts";
import { DropAnywhere } from "./parts/DropAnywhere.tsx";
import { Header } from "./parts/Header.tsx";
import { ProblemBanner } from "./parts/ProblemBanner.tsx";
import { ShortcutSheet } from "./parts/ShortcutSheet.tsx";
import { WaitingBar } from "./parts/WaitingBar.tsx";
import { places, shownView } from "./places.ts";
import { result, type View } from "./state.ts";
import Start from "./views/start.tsx";

type ViewModule = Promise<{ readonly default: ComponentType }>;

/** A view is the default export of its file, loaded when it is first shown; it takes no properties: what it shows is in ./state.ts. */
const LOAD: Readonly<Record<Exclude<View, "start">, () => ViewModule>> = {
  run: () => import("./views/run.tsx"),
  overview: () => import("./views/overview.tsx"),
  genes: () => import("./views/genes.tsx"),
  gene: () => import("./views/gene.tsx"),
  trans: () => import("./views/trans.tsx"),
  network: () => import("./views/network.tsx"),
  coloc: () => import("./views/coloc.tsx"),
  browser: () => import("./views/browser.tsx"),
  report: () => import("./views/report.tsx"),
};

const loaded = new Map<View, ComponentType>([["start", Start]]);

/** Whether the person has done anything yet; `navigator.userActivation` is not in every browser, and is true of scripts that a debugger runs. */
let touched = false;
for (const kind of ["keydown", "pointerdown", "drop"] as const)
  addEventListener(
    kind,
    () => {
      touched = true;
    },
    { capture: true, once: true },
  );

/** The whole page: header, the view that is chosen, and what went wrong. */
export function App() {
  const shown = shownView.value;
  const main = useRef<HTMLElement>(null);
  const before = useRef(shown);
  useLayoutEffect(() => {
    const title = places.peek().find(({ view }) => view === shown)?.title ?? "Files";
    document.title = [title, result.peek()?.title ?? [], "Qortex"].flat().join(" · ");
    if (before.current === shown) return;
    before.current = shown;
    announce(`${title} view`);
    scrollTo(0, 0);
    // A result that opens by itself takes nobody's place.
    if (touched) main.current?.focus({ preventScroll: true });
  }, [shown, result.value]);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <Header />
      <ProblemBanner />
      <WaitingBar />
      <main id="main" tabIndex={-1} ref={main} class={`view-${shown}`}>
        <Shown key={shown} view={shown} />
      </main>
      <div class="visually-hidden" role="status" aria-live="polite">
        {announced}
      </div>
      <ShortcutSheet />
      <DropAnywhere />
    </>
  );
}

function Shown({ view }: { readonly view: View }) {
  const [error, reset] = useErrorBoundary();
  const [, setReady] = useState<ComponentType | undefined>(undefined);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  useEffect(() => {
    if (view === "start" || loaded.has(view)) return;
    LOAD[view]().then(
      ({ default: component }) => {
        loaded.set(view, component);
        setReady(() => component);
      },
      (cause: unknown) => setFailure(String(cause)),
    );
  }, [view]);
  if (error !== undefined) return <Broken what={String(error)} again={reset} />;
  if (failure !== undefined) return <Broken what={failure} again={() => location.reload()} />;
  const View = loaded.get(view);
  return View === undefined ? <p class="loading">Loading</p> : <View />;
}

function Broken({ what, again }: { readonly what: string; readonly again: () => void }) {
  return (
    <section class="panel">
      <h2>This view could not be drawn</h2>
      <p>Your files and results are untouched; the other views still work.</p>
      <p class="note">{what}</p>
      <button type="button" onClick={again}>
        Try again
      </button>
    </section>
  );
}
