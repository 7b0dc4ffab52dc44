import { systemClock } from "../runtime/node/system-environment.ts";
import { parseArguments, takeNone } from "./arguments.ts";
import { deployedVariables } from "./deployment-outputs.ts";
import { type LogEntry, logEntry, logText } from "./log-line.ts";
import { onStopSignals } from "./stop-signals.ts";
import { UsageError } from "./usage-error.ts";

const definitions = {
  outputs: { type: "string" },
  job: { type: "string" },
  region: { type: "string" },
  function: { type: "string" },
  since: { type: "string", default: "10m" },
  follow: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

/** By function: the variable that has the name of its log group. */
const groupVariables = {
  process: "MILLRACE_PROCESS_LOG_GROUP",
  coordinator: "MILLRACE_COORDINATOR_LOG_GROUP",
} as const;

type FunctionKind = keyof typeof groupVariables;

const pollMs = 2_000;

/** `millrace logs`: what a deployed job's functions write. Answers the exit code. */
export async function logsCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArguments(args, definitions);
  takeNone("logs", positionals);
  const fromMs = systemClock.nowMs() - durationMs(values.since);
  const kinds = kindsOf(values.function);
  const variables = deployedVariables(values);
  const groups = kinds.map((kind) => ({ kind, group: groupOf(variables, kind) }));
  const region =
    values.region ?? (values.outputs === undefined ? undefined : variables["AWS_REGION"]);
  // The AWS SDK takes a while to load: only for those who need it.
  const { CloudWatchLogsClient } = await import("@aws-sdk/client-cloudwatch-logs");
  const { logReader } = await import("./read-logs.ts");
  const client = new CloudWatchLogsClient(region === undefined ? {} : { region });
  const readers = groups.map(({ kind, group }) => ({
    kind,
    read: logReader(client, { group, fromMs }),
  }));
  const show = values.json ? jsonLine : textLine;
  const stopping = new AbortController();
  const release = values.follow ? onStopSignals(() => stopping.abort()) : () => {};
  const stopped = new Promise<void>((resolve) =>
    stopping.signal.addEventListener("abort", () => resolve(), { once: true }),
  );
  try {
    for (;;) {
      for (const line of await newLines(readers, show)) process.stdout.write(`${line}\n`);
      if (!values.follow) return 0;
      await Promise.race([stopped, systemClock.sleep(pollMs)]);
      if (stopping.signal.aborted) return 0;
    }
  } finally {
    release();
    client.destroy();
  }
}

interface Reader {
  readonly kind: FunctionKind;
  readonly read: () => Promise<readonly Parameters<typeof logEntry>[0][]>;
}

type Show = (entry: LogEntry, kind: FunctionKind) => string;

const textLine: Show = (entry, kind) => logText(entry, kind);
const jsonLine: Show = (entry, kind) => JSON.stringify({ type: "log", function: kind, ...entry });

/** Of all functions, in the order of their times. */
async function newLines(readers: readonly Reader[], show: Show): Promise<readonly string[]> {
  const read = await Promise.all(
    readers.map(async ({ kind, read: next }) =>
      (await next()).flatMap((event) => {
        const entry = logEntry(event);
        return entry === undefined ? [] : [{ kind, entry }];
      }),
    ),
  );
  return read
    .flat()
    .toSorted((left, right) => left.entry.timeMs - right.entry.timeMs)
    .map(({ kind, entry }) => show(entry, kind));
}

function kindsOf(wanted: string | undefined): readonly FunctionKind[] {
  const all = Object.keys(groupVariables) as FunctionKind[];
  if (wanted === undefined) return all;
  const found = all.filter((kind) => kind === wanted);
  if (found.length > 0) return found;
  throw new UsageError(`--function is "${wanted}"; it takes ${all.join(" or ")}.`);
}

function groupOf(
  variables: Readonly<Record<string, string | undefined>>,
  kind: FunctionKind,
): string {
  const group = variables[groupVariables[kind]];
  if (group !== undefined && group !== "") return group;
  throw new UsageError(
    `the log group of the ${kind} function is not known: say --outputs <file>, as a deployment of this release writes it, or set ${groupVariables[kind]}.`,
  );
}

const unitsMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `90s`, `10m`, `6h`, `2d`. */
function durationMs(text: string): number {
  const [, count = "", unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = unitsMs[unit];
  if (unitMs !== undefined) return Number(count) * unitMs;
  throw new UsageError(`--since is "${text}"; it takes a time such as 90s, 10m, 6h or 2d.`);
}
