/** The names by which WGCNA's users know modules, the largest first; grey is none. The colours are R's, which CSS does not all have, or has otherwise (green). */
const COLORS: readonly (readonly [name: string, hex: string])[] = (
  "turquoise 40e0d0, blue 0000ff, brown a52a2a, yellow ffff00, green 00ff00, red ff0000, black 000000, pink ffc0cb, magenta ff00ff, purple a020f0, greenyellow adff2f, tan d2b48c, salmon fa8072, " +
  "cyan 00ffff, midnightblue 191970, lightcyan e0ffff, grey60 999999, lightgreen 90ee90, lightyellow ffffe0, royalblue 4169e1, darkred 8b0000, darkgreen 006400, darkturquoise 00ced1, " +
  "darkgrey a9a9a9, orange ffa500, darkorange ff8c00, white ffffff, skyblue 87ceeb, saddlebrown 8b4513, steelblue 4682b4, paleturquoise afeeee, violet ee82ee, darkolivegreen 556b2f, " +
  "darkmagenta 8b008b, sienna3 cd6839, yellowgreen 9acd32, skyblue3 6ca6cd, plum1 ffbbff, orangered4 8b2500, mediumpurple3 8968cd, lightsteelblue1 cae1ff, lightcyan1 e0ffff, ivory fffff0, " +
  "floralwhite fffaf0, darkorange2 ee7600, brown4 8b2323, bisque4 8b7d6b, darkslateblue 483d8b, plum2 eeaeee, thistle2 eed2ee"
)
  .split(", ")
  .map((pair) => pair.split(" ") as [string, string]);

const NONE = { name: "grey", hex: "#bebebe" };

/** `turquoise` of module 1; past the last color `module51` and so on. */
export function moduleColor(label: number): string {
  return label === 0 ? NONE.name : (COLORS[label - 1]?.[0] ?? `module${label}`);
}

/** The colour itself, `#40e0d0` of module 1; past the last name some colour of its own, neither dark nor pale. */
export function moduleHex(label: number): string {
  if (label === 0) return NONE.hex;
  const known = COLORS[label - 1]?.[1];
  if (known !== undefined) return `#${known}`;
  // Neighbouring numbers lie far apart in each channel.
  const channel = (step: number): string => (64 + ((label * step) % 160)).toString(16).padStart(2, "0");
  return `#${channel(61)}${channel(97)}${channel(139)}`;
}
