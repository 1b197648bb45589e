import { useEffect, useState } from "preact/hooks";
import type { ColourName } from "../../../report/svg.ts";
import { theme } from "../state.ts";
import { colourTable } from "./raster/raster.ts";

/** Pixel colours of a canvas by the page's variables, made anew when the theme turns. One name a kind. */
export function usePlotColours(names: readonly ColourName[]): Uint32Array {
  const chosen = theme.value;
  const [dark, setDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const media = matchMedia("(prefers-color-scheme: dark)");
    const turn = (): void => setDark(media.matches);
    media.addEventListener("change", turn);
    return () => media.removeEventListener("change", turn);
  }, []);
  const [table, setTable] = useState(() => tableOf(names));
  // After the root has its new theme, which an effect of ../theme.ts sets.
  useEffect(() => setTable(tableOf(names)), [chosen, dark, names]);
  return table;
}

function tableOf(names: readonly ColourName[]): Uint32Array {
  const style = getComputedStyle(document.documentElement);
  return colourTable(names.map((name) => rgb(style.getPropertyValue(`--${name}`).trim())));
}

/** Of `#1f5582`; the plots' colours are all written so. */
function rgb(hex: string): readonly [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16) || 0;
  return [value >> 16, (value >> 8) & 255, value & 255];
}
