import { lateElements } from "./late-elements.ts";
import { nothingComes } from "./nothing-comes.ts";
import type { RunSample, RunWarning } from "./run-sample.ts";
import { silentShard } from "./silent-shard.ts";

const checks = [lateElements, nothingComes, silentShard];

/** What is to be said of a run, each once. */
export function runWarnings(): (sample: RunSample) => readonly RunWarning[] {
  const said = new Set<string>();
  return (sample) =>
    checks.flatMap((check) => {
      const warning = check(sample);
      if (warning === undefined || said.has(warning.code)) return [];
      said.add(warning.code);
      return [warning];
    });
}
