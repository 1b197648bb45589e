import { useEffect, useState } from "preact/hooks";
import { theme } from "../state.ts";

/** Changes when the page turns dark or light, whoever turns it, after the root has its new theme: what draws with colours of its own draws anew. */
export function useThemeKey(): string {
  const chosen = theme.value;
  const [dark, setDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const media = matchMedia("(prefers-color-scheme: dark)");
    const turn = (): void => setDark(media.matches);
    media.addEventListener("change", turn);
    return () => media.removeEventListener("change", turn);
  }, []);
  const next = `${chosen} ${dark}`;
  const [key, setKey] = useState(next);
  useEffect(() => setKey(next), [next]);
  return key;
}

/** The value of one of the page's colour variables. */
export function pageColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
