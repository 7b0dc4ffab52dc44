/** Breaks a text at spaces, so that no line is longer than this, where words allow. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && longer.length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

const indent = "  ";
const widestName = 28;
const narrowestText = 24;

/** Names with what is said of each beside them, or below, where a name is long or the terminal narrow. */
export function besideEachOther(
  entries: readonly (readonly [name: string, text: string])[],
  columns: number,
): readonly string[] {
  const names = entries.map(([name]) => name.length).filter((length) => length <= widestName);
  const width = Math.max(0, ...names);
  const left = indent.length + width + indent.length;
  const isNarrow = columns - left < narrowestText;
  const margin = isNarrow ? indent.repeat(3) : " ".repeat(left);
  return entries.flatMap(([name, text]) => {
    const [first = "", ...rest] = wrapped(text, columns - margin.length).map(
      (line) => `${margin}${line}`,
    );
    return isNarrow || name.length > width
      ? [`${indent}${name}`, first, ...rest]
      : [`${indent}${name.padEnd(width)}${indent}${first.slice(left)}`, ...rest];
  });
}

/** How wide standard output is; a file or a pipe is as wide as need be. */
export const terminalColumns = (): number =>
  process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
