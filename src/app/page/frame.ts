import { engine, show } from "./engine.ts";
import { watchHistory } from "./history.ts";
import { listenForShortcuts } from "./parts/shortcuts.ts";
import { kept, machine, running } from "./state.ts";
import { watchTheme } from "./theme.ts";
import { openViewed } from "./viewed.ts";
import { watchWaiting } from "./waitingView.ts";

/** What the page does from its first paint to its end, whatever is shown. */
export function watchFrame(): void {
  watchTheme();
  watchHistory();
  watchWaiting();
  listenForShortcuts();
  warnBeforeLoss();
  afterPaint(() => void greet());
}

/** A run outlives a reload, except where the browser keeps nothing. */
function warnBeforeLoss(): void {
  addEventListener("beforeunload", (event) => {
    if (running.peek() && machine.peek()?.storage === 0) event.preventDefault();
  });
}

/** The engine is large: nothing of it is fetched before the page is there to see. A page in the background is not painted: it waits no longer. */
function afterPaint(act: () => void): void {
  let waiting = true;
  const once = (): void => {
    if (waiting) act();
    waiting = false;
  };
  new PerformanceObserver((list) => {
    if (list.getEntriesByName("first-contentful-paint").length > 0) once();
  }).observe({ type: "paint", buffered: true });
  setTimeout(once, 1000);
}

async function greet(): Promise<void> {
  try {
    machine.value = await engine.machine();
    kept.value = await engine.kept();
    await openViewed();
  } catch (error) {
    show(error);
  }
}
