import { stateError } from "../errors/millrace-error.ts";
import type { CommitLog, LogName, LogRow, VersionRange } from "../ports/commit-log.ts";
import type { Item } from "./conditional-put.ts";
import { logPartition, logSort, putJobItem, queryJobItems, type JobTable } from "./job-table.ts";

/**
 * Commit logs in the job table. Every answer is strongly consistent; a read costs one read unit per 4 KB that the
 * places of the range hold, so ask for narrow ranges.
 */
export function dynamodbCommitLog(table: JobTable): CommitLog {
  return {
    async append(slot, row) {
      const outcome = await putJobItem(table, {
        key: { pk: logPartition(slot), sk: logSort(row.version % slot.ringSize) },
        attributes: itemOf(row),
        // protocol 3.3: a writer that is behind finds its own version or a newer one at its place, never the one before.
        condition: {
          expression: "attribute_not_exists(sk) OR #version = :displaced",
          names: { "#version": "version" },
          values: { ":displaced": { N: String(row.version - slot.ringSize) } },
        },
      });
      if (outcome.put) return { appended: true };
      return outcome.found === undefined
        ? { appended: false }
        : { appended: false, found: rowOf(outcome.found) };
    },

    async read(slot, range) {
      const pk = logPartition(slot);
      const pages = await Promise.all(
        placesOf(slot, range).map(([first, last]) =>
          queryJobItems(table, { pk, first: logSort(first), last: logSort(last) }),
        ),
      );
      return ascending(pages.flat()).filter(
        ({ version }) => version >= range.first && version <= range.last,
      );
    },

    async readAll(slot) {
      const last = logSort(slot.ringSize - 1);
      return ascending(
        await queryJobItems(table, { pk: logPartition(slot), first: logSort(0), last }),
      );
    },
  };
}

/** The places of a range of versions: none, one run, or two where the range passes the end of the ring. */
function placesOf(
  { ringSize }: LogName,
  range: VersionRange,
): readonly (readonly [first: number, last: number])[] {
  const first = Math.max(range.first, 0);
  if (range.last < first) return [];
  if (range.last - first + 1 >= ringSize) return [[0, ringSize - 1]];
  const [from, to] = [first % ringSize, range.last % ringSize];
  if (from <= to) return [[from, to]];
  return [
    [from, ringSize - 1],
    [0, to],
  ];
}

const ascending = (items: readonly Item[]): LogRow[] =>
  items.map(rowOf).sort((a, b) => a.version - b.version);

function itemOf(row: LogRow): Item {
  return {
    version: { N: String(row.version) },
    nonce: { S: row.nonce },
    kind: { S: row.kind },
    epoch: { N: String(row.epoch) },
    plan: { S: row.plan },
    format: { N: String(row.format) },
    ...(row.body && { body: { B: row.body } }),
    ...(row.bodyKey !== undefined && { bodyKey: { S: row.bodyKey } }),
  };
}

function rowOf(item: Item): LogRow {
  const { version, nonce, kind, epoch, plan, format, body, bodyKey } = item;
  if (
    !version?.N ||
    nonce?.S === undefined ||
    !isKind(kind?.S) ||
    !epoch?.N ||
    plan?.S === undefined ||
    !format?.N
  ) {
    throw stateError("log-row-damaged", {
      message: `The log row at ${item["pk"]?.S} ${item["sk"]?.S} lacks a header attribute.`,
      next: "Something other than Millrace wrote to the table; restore the row from a backup.",
    });
  }
  return {
    version: Number(version.N),
    nonce: nonce.S,
    kind: kind.S,
    epoch: Number(epoch.N),
    plan: plan.S,
    format: Number(format.N),
    ...(body?.B && { body: body.B }),
    ...(bodyKey?.S !== undefined && { bodyKey: bodyKey.S }),
  };
}

function isKind(kind: string | undefined): kind is LogRow["kind"] {
  return kind === "commit" || kind === "takeover" || kind === "seal";
}
