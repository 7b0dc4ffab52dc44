/** Rows under their heads, in columns; those that are named stand to the right. */
export function tableLines(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  toTheRight: readonly string[] = [],
): readonly string[] {
  const table = [heads, ...rows];
  const widths = heads.map((_, at) => Math.max(...table.map((row) => row[at]?.length ?? 0)));
  return table.map((row) =>
    row
      .map((cell, at) => {
        const width = widths[at] ?? 0;
        return toTheRight.includes(heads[at] ?? "") ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
}
