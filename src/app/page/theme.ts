import { effect } from "@preact/signals";
import { theme } from "./state.ts";

const KEY = "qortex-theme";
export const THEMES = ["system", "light", "dark"] as const;

/** Keeps the root's `data-theme` and the browser's memory as the switch stands; ./first.ts reads the memory before the first paint. */
export function watchTheme(): void {
  const { dataset } = document.documentElement;
  const known = dataset["theme"];
  if (known === "light" || known === "dark") theme.value = known;
  effect(() => {
    const chosen = theme.value;
    if (chosen === "system") delete dataset["theme"];
    else dataset["theme"] = chosen;
    try {
      if (chosen === "system") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, chosen);
    } catch {
      // A browser that keeps nothing: the switch lasts as long as the page.
    }
  });
}

export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "system";
}
