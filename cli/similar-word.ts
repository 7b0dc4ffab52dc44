/** Which of some words was meant, where one is as like what was typed as a slip of the hand leaves it. */
export function similarWord(typed: string, words: readonly string[]): string | undefined {
  return words.find((word) => slipsBetween(typed, word) <= (word.length > 5 ? 2 : 1));
}

/** Letters that are missing, too many, wrong, or in each other's place (optimal string alignment). */
function slipsBetween(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const isSame = one[i - 1] === other[j - 1];
      let slips = Math.min(
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
        rows[i - 1]![j - 1]! + (isSame ? 0 : 1),
      );
      const isSwapped =
        i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (isSwapped) slips = Math.min(slips, rows[i - 2]![j - 2]! + 1);
      row.push(slips);
    }
    rows.push(row);
  }
  return rows[one.length]![other.length]!;
}
