/** Keeps the last lines that it was given. */
export interface Trace {
  readonly add: (line: string) => void;
  /** Oldest first. */
  readonly lines: () => readonly string[];
}

export function ringTrace(linesMax: number): Trace {
  let lines: string[] = [];
  return {
    add(line) {
      lines.push(line);
      if (lines.length >= 2 * linesMax) lines = lines.slice(-linesMax);
    },
    lines: () => lines.slice(-linesMax),
  };
}
