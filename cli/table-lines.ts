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

interface Fit {
  readonly toTheRight: readonly string[];
  /** Characters of a line at most. */
  readonly columns: number;
  /** Heads of the columns that can be missed, that which goes first before the others. */
  readonly givesWay: readonly string[];
}

/** The same where lines have to fit into a terminal: columns go, and then names of the first are cut. */
export function fittingLines(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  { toTheRight, columns, givesWay }: Fit,
): readonly string[] {
  const without = (gone: readonly string[]): readonly string[] => {
    const kept = heads.filter((head) => !gone.includes(head));
    const places = kept.map((head) => heads.indexOf(head));
    return tableLines(
      kept,
      rows.map((row) => places.map((at) => row[at] ?? "")),
      toTheRight,
    );
  };
  const gone = givesWay.map((_, at) => givesWay.slice(0, at + 1));
  const tried = [[], ...gone].map(without);
  const fitting = tried.find((lines) => widthOf(lines) <= columns);
  if (fitting !== undefined) return fitting;
  const narrowest = tried[tried.length - 1] ?? [];
  const nameWidth = Math.max(...rows.map(([name = ""]) => name.length), heads[0]?.length ?? 0);
  const width = Math.max(shortestName, nameWidth - (widthOf(narrowest) - columns));
  return narrowest.map((line) => {
    const name = line.slice(0, nameWidth);
    return `${name.trimEnd().length > width ? `${name.slice(0, width - 1)}…` : name.slice(0, width)}${line.slice(nameWidth)}`;
  });
}

const shortestName = 4;
const widthOf = (lines: readonly string[]): number =>
  Math.max(0, ...lines.map((line) => line.length));
