/** A Markdown table whose columns are as wide as their cells; those from `firstNumber` on are set to the right. */
export function markdownTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  firstNumber: number,
): string {
  const widths = heads.map((head, i) => Math.max(3, head.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${widths
      .map((width, i) => {
        const cell = cells[i] ?? "";
        return i < firstNumber ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(" | ")} |`;
  const rule = widths.map((width, i) => (i < firstNumber ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(heads), line(rule), ...rows.map(line)].join("\n");
}
