import { engine, show } from "./engine.ts";
import { watchHistory } from "./history.ts";
import { listenForShortcuts } from "./parts/shortcuts.ts";
import { kept, machine } from "./state.ts";
import { watchTheme } from "./theme.ts";
import { openViewed } from "./viewed.ts";
import { watchWaiting } from "./waitingView.ts";

/** What the page does from its first paint to its end, whatever is shown. */
export function watchFrame(): void {
  watchTheme();
  watchHistory();
  watchWaiting();
  listenForShortcuts();
  afterPaint(() => void greet());
}

/** The engine is large: nothing of it is fetched before the page is there to see. */
function afterPaint(act: () => void): void {
  requestAnimationFrame(() => setTimeout(act, 0));
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
