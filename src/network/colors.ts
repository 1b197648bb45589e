/** The names by which WGCNA's users know modules, the largest first; grey is none. */
const COLORS: readonly string[] =
  "turquoise blue brown yellow green red black pink magenta purple greenyellow tan salmon cyan midnightblue lightcyan grey60 lightgreen lightyellow royalblue darkred darkgreen darkturquoise darkgrey orange darkorange white skyblue saddlebrown steelblue paleturquoise violet darkolivegreen darkmagenta sienna3 yellowgreen skyblue3 plum1 orangered4 mediumpurple3 lightsteelblue1 lightcyan1 ivory floralwhite darkorange2 brown4 bisque4 darkslateblue plum2 thistle2".split(
    " ",
  );

/** `turquoise` of module 1; past the last color `module51` and so on. */
export function moduleColor(label: number): string {
  return label === 0 ? "grey" : (COLORS[label - 1] ?? `module${label}`);
}
