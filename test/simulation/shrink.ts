import type { FaultName, Suppression } from "./faults.ts";
import { runSeed, type SeedReport } from "./run-seed.ts";
import type { Shape } from "./shape.ts";

/** What is left of a failing seed: still failing, with as few faults and records as were found. */
export interface Shrunk {
  readonly report: SeedReport;
  readonly suppressed: Suppression;
  readonly recordsMax: number | undefined;
  readonly runs: number;
}

export interface ShrinkOptions {
  readonly shape: Shape;
  readonly report: SeedReport;
  /** Runs at most. Default 200. */
  readonly runsMax?: number;
}

/**
 * Looks for a smaller schedule that fails as the seed does: without kinds of faults, then with fewer records, then without single
 * firings, in halves. A fault that is left out changes what follows it, so what is found is small, not smallest.
 */
export async function shrink({ shape, report, runsMax = 200 }: ShrinkOptions): Promise<Shrunk> {
  const { seed } = report;
  const sameKind = kindOf(report);
  let runs = 0;
  let best: Omit<Shrunk, "runs"> = {
    report,
    suppressed: { kinds: new Set(), firings: new Set() },
    recordsMax: undefined,
  };

  async function attempt(
    suppressed: Suppression,
    recordsMax: number | undefined,
  ): Promise<boolean> {
    if (runs >= runsMax) return false;
    runs += 1;
    const found = await runSeed({ shape, seed, suppressed, recordsMax });
    if (kindOf(found) !== sameKind) return false;
    best = { report: found, suppressed, recordsMax };
    return true;
  }

  const fired = (): readonly FaultName[] => Object.keys(best.report.faults) as FaultName[];
  // Half of the kinds at once, while that helps; then one after the other.
  for (let helps = true; helps && runs < runsMax;) {
    helps = false;
    const kinds = fired();
    const half = kinds.slice(0, kinds.length >> 1);
    for (const some of [half, kinds.slice(half.length), ...kinds.map((kind) => [kind])]) {
      if (some.length === 0 || !some.some((kind) => fired().includes(kind))) continue;
      const { kinds: left, firings } = best.suppressed;
      if (await attempt({ kinds: new Set([...left, ...some]), firings }, best.recordsMax))
        helps = true;
    }
  }
  if (isCheckedInMidRun(report)) {
    for (let size = (report.figures["records"] ?? 0) >> 1; size >= 8; size >>= 1) {
      const records = (best.recordsMax ?? report.figures["records"] ?? 0) - size;
      if (records > 0) await attempt(best.suppressed, records);
    }
  }
  for (let size = best.report.firings.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < best.report.firings.length && runs < runsMax;) {
      const some = best.report.firings.slice(at, at + size).map(([number]) => number);
      const { kinds, firings } = best.suppressed;
      const isLess = await attempt(
        { kinds, firings: new Set([...firings, ...some]) },
        best.recordsMax,
      );
      if (!isLess) at += size;
    }
  }
  return { ...best, runs };
}

/** Results are not compared where records are left out: only what shows on the way counts then. */
function isCheckedInMidRun({ failures }: SeedReport): boolean {
  return /^(invariant|stalled|the job has ended|an invocation|a coordinator)/.test(
    failures[0] ?? "",
  );
}

/** Failures are the same when they say the same but for numbers and names. */
function kindOf({ failures }: SeedReport): string {
  const [first = ""] = failures;
  return first
    .slice(0, 200)
    .replaceAll(/"[^"]*"|[\w-]+\/[\w/-]*|\d+/g, "…")
    .slice(0, 40);
}
