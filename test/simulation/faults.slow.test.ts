import { describe, expect, test } from "vitest";
import { type FaultName, faultNames } from "./faults.ts";
import type { Mission } from "./operator.ts";
import { runSeed, type SeedReport } from "./run-seed.ts";
import { shapes } from "./shapes/index.ts";

const shapeOf = (name = "keyed-count") => shapes.find((shape) => shape.name === name)!;

interface Run {
  readonly report: SeedReport;
  readonly lines: readonly string[];
}

/** Faults that can only strike where another one does. */
const needs: Partial<Record<FaultName, FaultName>> = {
  "child-before-parent": "source-split",
  "list-old": "exchange-split",
  "iterator-expired": "empty-pages",
  "merge-swapped": "exchange-merge",
  "slow-code": "short-invocations",
  "short-invocations": "slow-objects",
};

/** Faults that only strike where there is more than a count. */
const shapeNames: Partial<Record<FaultName, string>> = {
  "small-steps": "tumbling",
  "committer-crash": "files",
  "files-answer-lost": "files",
  "files-arrive-late": "files",
};

/** Faults that only strike whoever gives commands, or makes an epoch visible. */
const missions: Partial<Record<FaultName, Mission>> = {
  "committer-crash": "checkpoints",
  "files-answer-lost": "checkpoints",
  "files-arrive-late": "checkpoints",
  "operator-crash": "stop",
  "command-doubled": "take-back",
};

/** Runs a seed in which no fault occurs but this one, if any. */
async function run(seed: number, only?: FaultName): Promise<Run> {
  const wanted = [only, only && needs[only]].filter((name) => name !== undefined);
  const kinds = new Set(faultNames.filter((name) => !wanted.includes(name)));
  const lines: string[] = [];
  const report = await runSeed({
    shape: shapeOf(only && shapeNames[only]),
    seed,
    suppressed: { kinds, firings: new Set() },
    forced: new Set(wanted),
    mission: (only && missions[only]) ?? "none",
    trace: (line) => lines.push(line),
  });
  return { report, lines };
}

/** Whether a run shows what a fault does, and not only that it fired. */
type Evidence = (run: Run) => boolean;

const says =
  (pattern: RegExp): Evidence =>
  ({ lines }) =>
    lines.some((line) => pattern.test(line));

const timeOf = (line: string): number => Number(/^ *([\d.]+)/.exec(line)?.[1]);

/** The lines about the call that a fault struck, by what they say. */
function struck({ lines }: Run, fault: FaultName): readonly (readonly string[])[] {
  const calls = new Map<string, string[]>();
  for (const line of lines) {
    const [, id, what] = / (#\d+) (.+)$/.exec(line) ?? [];
    if (id === undefined || what === undefined) continue;
    const told = calls.get(id);
    if (told === undefined) calls.set(id, [what]);
    else told.push(what);
  }
  return [...calls.values()].filter(([first]) => first === fault);
}

const [effect, failure] = ["takes effect", "fails"];

/** Calls that a fault strikes go like this, one of them at least. */
const goes =
  (fault: FaultName, ...course: readonly string[]): Evidence =>
  (run) =>
    struck(run, fault).some((told) => told.slice(1).join() === course.join());

/** Nothing happens between a sleeper's lines for as long as it sleeps. */
const wakesUp =
  (kind: string): Evidence =>
  ({ lines }) =>
    lines.some((line, at) => {
      const [, name, sleepMs] = new RegExp(`(${kind}\\d+) sleeps for (\\d+)`).exec(line) ?? [];
      if (name === undefined) return false;
      const own = lines
        .slice(at + 1)
        .find(
          (later) =>
            later.includes(` ${name} `) && !later.endsWith(effect) && !later.includes("times out"),
        );
      return own !== undefined && timeOf(own) - timeOf(line) >= Number(sleepMs) - 1;
    });

/** An invocation by a mapping. */
interface Served {
  readonly shard: string;
  readonly fromMs: number;
  toMs: number;
  readonly first: number;
  readonly last: number;
  isDone: boolean;
}

function invocations({ lines }: Run): readonly Served[] {
  const running = new Map<string, Served>();
  const all: Served[] = [];
  for (const line of lines) {
    const [, name, shard = "", first, last] =
      /(env\d+) is invoked for (\S+) (\d+)\.\.(\d+)$/.exec(line) ?? [];
    if (name !== undefined) {
      const served: Served = {
        shard,
        fromMs: timeOf(line),
        toMs: Number.POSITIVE_INFINITY,
        first: Number(first),
        last: Number(last),
        isDone: false,
      };
      running.set(name, served);
      all.push(served);
    }
    const [, over = "", how] = /(env\d+) (is done|fails:)/.exec(line) ?? [];
    const served = running.get(over);
    if (served === undefined) continue;
    served.toMs = timeOf(line);
    served.isDone = how === "is done" && !line.includes("but for");
    running.delete(over);
  }
  return all;
}

const overlaps: Evidence = (run) => {
  const all = invocations(run);
  return all.some((one) =>
    all.some(
      ({ shard, fromMs }, at) =>
        all[at] !== one && shard === one.shard && fromMs >= one.fromMs && fromMs < one.toMs,
    ),
  );
};

/** Something is handed over again that an invocation which had succeeded was given. */
const goesBack: Evidence = (run) => {
  const all = invocations(run);
  return all.some(
    (one) =>
      one.isDone &&
      all.some(
        ({ shard, fromMs, first }) => shard === one.shard && fromMs > one.toMs && first <= one.last,
      ),
  );
};

const slower =
  (fault: FaultName): Evidence =>
  ({ lines }) =>
    lines.some((line, at) => {
      const [, id] = new RegExp(` (#\\d+) ${fault}$`).exec(line) ?? [];
      if (id === undefined) return false;
      const later = lines.slice(at).find((candidate) => candidate.endsWith(`${id} ${effect}`));
      return later !== undefined && timeOf(later) - timeOf(line) > 100;
    });

const readsByItself: Evidence = ({ report }) => (report.figures["selfReads"] ?? 0) > 0;

/** What is read wrongly is refused for that. */
const damages =
  (what: RegExp): Evidence =>
  ({ lines }) =>
    lines.some((line) => what.test(line)) &&
    lines.some((line) => /fails: .*can.t be read: /.test(line));

const evidence: Readonly<Record<FaultName, Evidence>> = {
  "environment-crash": says(/env\d+ dies/),
  "environment-zombie": wakesUp("env"),
  "coordinator-crash": says(/leader\d+ dies/),
  "coordinator-zombie": wakesUp("leader"),
  "operator-crash": says(/operator\d+ dies/),
  "command-doubled": says(/operator\d+ gives the same command/),
  "coordinator-twice": says(/leader\d+ starts beside [1-9]/),
  "throttled-log": goes("throttled-log", failure),
  "throttled-control": goes("throttled-control", failure),
  "throttled-tables": goes("throttled-tables", failure),
  "throttled-objects": goes("throttled-objects", failure),
  "throttled-reader": goes("throttled-reader", failure),
  "throttled-writer": goes("throttled-writer", failure),
  "log-answer-lost": goes("log-answer-lost", effect, failure),
  "control-answer-lost": goes("control-answer-lost", effect, failure),
  "object-answer-lost": goes("object-answer-lost", effect, failure),
  "writer-answer-lost": goes("writer-answer-lost", effect, failure),
  "tables-answer-lost": goes("tables-answer-lost", effect, failure),
  "log-asked-twice": goes("log-asked-twice", effect, effect),
  "control-asked-twice": goes("control-asked-twice", effect, effect),
  "log-arrives-late": goes("log-arrives-late", failure, effect),
  "control-arrives-late": goes("control-arrives-late", failure, effect),
  "object-arrives-late": goes("object-arrives-late", failure, effect),
  "writer-arrives-late": goes("writer-arrives-late", failure, effect),
  "tables-arrive-late": goes("tables-arrive-late", failure, effect),
  "log-unwritten": goes("log-unwritten", failure),
  "control-unwritten": goes("control-unwritten", failure),
  "object-unwritten": goes("object-unwritten", failure),
  "tables-in-part": goes("tables-in-part", effect, failure),
  "put-in-part": says(/ records of a put into \S+ are refused/),
  "put-reordered": says(/records of a put into \S+ land in the order/),
  "put-into-split": says(/is split under a put/),
  "read-short": says(/a read gives \d+ of \d+ records/),
  "objects-down": ({ lines }) =>
    lines.filter((line) => / objects\.put #\d+ fails$/.test(line)).length > 3,
  "slow-objects": slower("slow-objects"),
  "slow-log": slower("slow-log"),
  overlap: overlaps,
  redelivery: goesBack,
  "child-before-parent": says(/is begun with while its parents have [1-9]\d* records left/),
  "mapping-late": readsByItself,
  "invocation-lost": says(/a slot invocation failed/),
  "source-split": says(/items now has (?:shard-\d+ ){0,3}shard-0[4-9]/),
  "source-merge": says(/items now has (?:shard-\d+ ){0,3}shard-0[3-9]/),
  "exchange-split": says(/exchange now has (?:shard-\d+ ){0,4}shard-0[4-9]/),
  "exchange-merge": says(/exchange now has (?:shard-\d+ ){0,3}shard-0[3-9]/),
  "clock-skew": says(/the clock of \S+ is -?\d+ ms ahead/),
  "short-ring": says(/"ringSize":[4-8],/),
  "quick-garbage": says(/"garbageEveryMs":300,/),
  deployment: says(/the next one runs the new version of the job/),
  "list-old": says(/a list of \S+ is \d+ ms old, and older than a reshard/),
  "empty-pages": says(/\d+ empty pages of \S+ are read through/),
  "iterator-expired": says(/an iterator of \S+ has expired/),
  "merge-swapped": says(/a merged shard names its parents in the other order/),
  "short-invocations": says(/env\d+ times out/),
  "slow-code": says(/env\d+ is busy for \d{3,} ms/),
  "slow-writes": says(/writer\.put #\d+ takes \d{3,} ms/),
  "small-steps": ({ report }) => (report.figures["unfinished"] ?? 0) > 0,
  "rows-refused": says(/alarm write-refused/),
  "little-memory": says(/environments may hold \d+ bytes from now on/),
  "frames-in-objects": says(/"frameInlineMaxBytes":250,/),
  "object-damaged": damages(/bit \d+ of \S+\/(?:parts|segments|bodies|manifests)\/\S+ is/),
  "record-damaged": damages(/bit \d+ of a tick of \S+, \d+, is/),
  "committer-crash": ({ lines }) =>
    lines.some(
      (line, at) =>
        /leader\d+ files\.put #\d+ committer-crash/.test(line) &&
        lines.slice(at).some((later) => / leader\d+ dies/.test(later)),
    ),
  "files-answer-lost": goes("files-answer-lost", effect, failure),
  "files-arrive-late": goes("files-arrive-late", failure, effect),
};

const seedsMax = 40;

/** Seeds that show what the first two do not: each is tried before all others. */
const shownBy: Partial<Record<FaultName, number>> = {
  "environment-crash": 3,
  "environment-zombie": 3,
  "coordinator-crash": 10,
  "coordinator-zombie": 10,
  "operator-crash": 5,
  "throttled-log": 3,
  "throttled-control": 3,
  "throttled-tables": 3,
  "throttled-objects": 3,
  "throttled-reader": 3,
  "throttled-writer": 3,
  "log-answer-lost": 4,
  "object-answer-lost": 3,
  "writer-answer-lost": 3,
  "tables-answer-lost": 5,
  "log-asked-twice": 4,
  "log-arrives-late": 4,
  "control-arrives-late": 3,
  "object-arrives-late": 3,
  "writer-arrives-late": 3,
  "tables-arrive-late": 4,
  "log-unwritten": 4,
  "object-unwritten": 3,
  "tables-in-part": 6,
  "put-reordered": 3,
  "put-into-split": 8,
  "objects-down": 3,
  "slow-objects": 3,
  overlap: 3,
  redelivery: 3,
  "child-before-parent": 3,
  "iterator-expired": 5,
  "short-invocations": 3,
  "object-damaged": 3,
  "record-damaged": 3,
  "committer-crash": 6,
  "files-answer-lost": 6,
  "files-arrive-late": 8,
};

/** The seeds that are tried for a fault, until one shows it. */
function* seedsFor(name: FaultName): Iterable<number> {
  const known = shownBy[name];
  if (known !== undefined) yield known;
  for (let seed = 1; seed <= seedsMax; seed++) if (seed !== known) yield seed;
}

describe("without faults", () => {
  test("a job ends with the right results, and nothing of what faults do is seen", async () => {
    for (let seed = 1; seed <= 3; seed++) {
      const plain = await run(seed);
      expect(plain.report.failures).toEqual([]);
      expect(plain.report.faults).toEqual({});
      const seen = faultNames.filter((name) => evidence[name](plain));
      expect(seen).toEqual([]);
    }
  });
});

describe("each fault", () => {
  for (const name of faultNames) {
    test(`${name} fires and has its effect, and the results are right all the same`, async () => {
      let found = false;
      for (const seed of seedsFor(name)) {
        const one = await run(seed, name);
        expect(one.report.failures).toEqual([]);
        found = (one.report.faults[name] ?? 0) > 0 && evidence[name](one);
        if (found) break;
      }
      expect(found, `no seed up to ${seedsMax} shows ${name}`).toBe(true);
    });
  }
});
