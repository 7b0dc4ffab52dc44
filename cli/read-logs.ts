import { type CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { calling } from "../runtime/aws/aws-errors.ts";
import type { LogEvent } from "./log-line.ts";

export interface LogWindow {
  readonly group: string;
  readonly fromMs: number;
}

/**
 * All events of a log group since a moment, oldest first.
 * @throws store errors: `store-missing` where there is no such group, `store-access-denied`, `store-throttled`
 */
export async function readLogs(
  client: CloudWatchLogsClient,
  { group, fromMs }: LogWindow,
): Promise<readonly LogEvent[]> {
  const about = { resource: `log group "${group}"`, action: "logs:FilterLogEvents" };
  const found: LogEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await calling(about, () =>
      client.send(
        new FilterLogEventsCommand({
          logGroupName: group,
          startTime: fromMs,
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      ),
    );
    for (const { eventId = "", timestamp = fromMs, message = "" } of page.events ?? [])
      found.push({ id: eventId, timeMs: timestamp, message });
    ({ nextToken } = page);
  } while (nextToken !== undefined);
  return found.toSorted((left, right) => left.timeMs - right.timeMs);
}

/** Events may come to CloudWatch this much out of their order. */
const latenessMs = 60_000;

/** Reads on where the last reading stopped: each call answers what is new. */
export function logReader(
  client: CloudWatchLogsClient,
  { group, fromMs }: LogWindow,
): () => Promise<readonly LogEvent[]> {
  let nextMs = fromMs;
  let seen = new Map<string, number>();
  return async () => {
    const events = await readLogs(client, { group, fromMs: nextMs });
    const fresh = events.filter(({ id }) => !seen.has(id));
    for (const { id, timeMs } of fresh) seen.set(id, timeMs);
    const newestMs = events.at(-1)?.timeMs ?? nextMs;
    nextMs = Math.max(nextMs, newestMs - latenessMs);
    // What can't be answered again needs no memory.
    seen = new Map([...seen].filter(([, timeMs]) => timeMs >= nextMs));
    return fresh;
  };
}
