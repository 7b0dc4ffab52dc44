/** Lines of one text that the other lacks, behind "-", and the other way round, behind "+", in their order (longest common subsequence). */
export function lineChanges(before: string, after: string): readonly string[] {
  const [one, other] = [before.trimEnd().split("\n"), after.trimEnd().split("\n")];
  const common = commonLengths(one, other);
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < one.length || j < other.length) {
    if (i < one.length && j < other.length && one[i] === other[j]) [i, j] = [i + 1, j + 1];
    else if (j === other.length || (i < one.length && common[i + 1]![j]! >= common[i]![j + 1]!))
      lines.push(`- ${one[i++]}`);
    else lines.push(`+ ${other[j++]}`);
  }
  return lines;
}

/** Of what begins at each pair of lines. */
function commonLengths(one: readonly string[], other: readonly string[]): readonly number[][] {
  const lengths = Array.from({ length: one.length + 1 }, () =>
    Array.from({ length: other.length + 1 }, () => 0),
  );
  for (let i = one.length - 1; i >= 0; i -= 1)
    for (let j = other.length - 1; j >= 0; j -= 1)
      lengths[i]![j] =
        one[i] === other[j]
          ? lengths[i + 1]![j + 1]! + 1
          : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
  return lengths;
}
