import { inputError } from "../errors/millrace-error.ts";

/** An element or a window may give so many results by a join: they are all in memory before the step can end. */
const joinResultsMax = 250_000;

/**
 * Before any result is made: a few hundred rows of each of three streams come to millions.
 * @throws MillraceError `join-too-large`: a dead letter at once
 */
export function checkJoinSize(counts: readonly number[]): void {
  const results = counts.reduce((product, count) => product * count, 1);
  if (results <= joinResultsMax) return;
  throw inputError("join-too-large", {
    message: `${counts.join(" × ")} rows of one key would give ${results} results at once; ${joinResultsMax} are the most.`,
    next: "Join by a finer key, in shorter windows, or keep the last row only.",
  });
}
