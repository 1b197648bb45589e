import { useEffect, useState } from "preact/hooks";
import { COLOURS, type ColourName } from "../../../../report/svg.ts";
import { theme } from "../../state.ts";
import { inkColour } from "./raster.ts";

export type Palette = Readonly<Record<ColourName, number>>;

const night = matchMedia("(prefers-color-scheme: dark)");

/** The plots' colours for canvases, as the theme in force has them. */
export function usePalette(): Palette {
  const chosen = theme.value;
  const [system, setSystem] = useState(night.matches);
  useEffect(() => {
    const change = (): void => setSystem(night.matches);
    night.addEventListener("change", change);
    return () => night.removeEventListener("change", change);
  }, []);
  return palettes[chosen === "dark" || (chosen === "system" && system) ? "dark" : "light"];
}

const palettes = { light: paletteOf("light"), dark: paletteOf("dark") };

function paletteOf(scheme: "light" | "dark"): Palette {
  const entries = Object.entries(COLOURS).map(([name, colour]) => [name, inkColour(colour[scheme])]);
  return Object.fromEntries(entries) as Palette;
}
