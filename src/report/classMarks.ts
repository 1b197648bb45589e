import { classLabel } from "./genotype.ts";
import { count } from "./numbers.ts";
import { type ColourName, fixed } from "./svg.ts";

/** Genotype classes told apart by colour and by shape: circle, triangle, square. */

export interface ClassMark {
  readonly colour: ColourName;
  /** Path around a place, sized by the radius of a circle of the same area. */
  readonly path: (x: number, y: number, radius: number) => string;
}

export const CLASS_MARKS: readonly ClassMark[] = [
  {
    colour: "navy",
    path: (x, y, r) => `M${fixed(x - r)},${fixed(y)}a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0z`,
  },
  {
    colour: "amber",
    path: (x, y, r) => {
      const [half, up] = [fixed(1.35 * r), fixed(2.33 * r)];
      return `M${fixed(x)},${fixed(y - 1.5 * r)}l${half},${up}h${fixed(-2.7 * r)}z`;
    },
  },
  {
    colour: "green",
    path: (x, y, r) => {
      const side = fixed(1.78 * r);
      return `M${fixed(x - 0.89 * r)},${fixed(y - 0.89 * r)}h${side}v${side}h${fixed(-1.78 * r)}z`;
    },
  },
];

/** `CC (n = 120)`. */
export function classText(copies: number, other: string, effect: string, n: number): string {
  return `${classLabel(copies, other, effect)} (n = ${count(n)})`;
}
