import { systemClock } from "../runtime/node/system-environment.ts";
import { functionKinds, type LogsGiven } from "./commands/logs.ts";
import { deployedVariables } from "./deployment-outputs.ts";
import { type LogEntry, logEntry, logText } from "./log-line.ts";
import { stopSignal } from "./stop-signals.ts";
import { UsageError } from "./usage-error.ts";

/** By function: the variable that has the name of its log group. */
const groupVariables = {
  process: "MILLRACE_PROCESS_LOG_GROUP",
  coordinator: "MILLRACE_COORDINATOR_LOG_GROUP",
} as const satisfies Readonly<Record<FunctionKind, string>>;

type FunctionKind = (typeof functionKinds)[number];

const pollMs = 2_000;

/** `millrace logs`: what a deployed job's functions write. Answers the exit code. */
export async function logsCommand({ values }: LogsGiven): Promise<number> {
  const fromMs = systemClock.nowMs() - values.since;
  const kinds = values.function === undefined ? functionKinds : [values.function];
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
  const stop = values.follow ? stopSignal() : undefined;
  try {
    for (;;) {
      for (const line of await newLines(readers, show)) process.stdout.write(`${line}\n`);
      if (stop === undefined) return 0;
      await Promise.race([stop.stopped, systemClock.sleep(pollMs)]);
      if (stop.signal.aborted) return 0;
    }
  } finally {
    stop?.release();
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
