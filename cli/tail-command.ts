import { isMillraceError } from "../runtime/errors/millrace-error.ts";
import { systemClock } from "../runtime/node/system-environment.ts";
import type { Ports } from "../runtime/ports/index.ts";
import type { Row } from "../runtime/ports/keyed-table.ts";
import { reporting } from "./answer.ts";
import type { TailGiven } from "./commands/tail.ts";
import { openStore } from "./open-store.ts";
import { type ResultTables, resultTables } from "./result-table.ts";
import { findTarget, type ResultTarget, targetOf, whatThereIs } from "./result-target.ts";
import { rowChanges, type RowChanges } from "./row-changes.ts";
import { fulfils, textOf } from "../results/select-rows.ts";
import { streamRows } from "./stream-rows.ts";
import { stopSignal } from "./stop-signals.ts";

const everySeconds = { embedded: 1, aws: 10 } as const;

/** `millrace tail <table or stream>`: rows of results as they change, until it is stopped. Answers the exit code. */
export async function tailCommand({ values, args: [table] }: TailGiven): Promise<number> {
  const tables = resultTables(values);
  const { place, json } = tables;
  const everyMs = 1_000 * (values.every ?? everySeconds[place.kind]);
  return await reporting(json, async () => {
    const store = await openStore(place);
    const { signal, stopped, release } = stopSignal();
    const target = targetFor(tables, table);
    const look =
      target.kind === "stream"
        ? streamLook(store.ports, { stream: target.name, all: values.all })
        : tableLook(store.ports, { ...target, place });
    const show = ({ written, deleted }: RowChanges): void => {
      const fits = (row: Row): boolean => fulfils(row, values.where);
      const lines = [
        ...deleted.filter(fits).map((row) => ({ type: "deleted", table, row })),
        ...written.filter(fits).map((row) => ({ type: "written", table, row })),
      ].map((line) => (json ? JSON.stringify(line) : changeLine(line)));
      process.stdout.write(lines.map((line) => `${line}\n`).join(""));
    };
    try {
      const first = await look();
      if (values.all || target.kind === "stream") show(first);
      for (;;) {
        await Promise.race([stopped, systemClock.sleep(everyMs)]);
        if (signal.aborted) return 0;
        show(await look().catch(unlessBusy));
      }
    } finally {
      release();
      store.close();
    }
  });
}

/** What is not there yet may come: a table of a folder is there once it is written to. */
function targetFor(tables: ResultTables, name: string): ResultTarget {
  if (tables.place.kind === "aws") return targetOf(tables, name);
  const found = findTarget(tables, name);
  if (found !== undefined) return found;
  process.stderr.write(
    `no table or stream "${name}" is there yet (${whatThereIs(tables)}); waiting for it\n`,
  );
  return { kind: "table", name };
}

type Look = () => Promise<RowChanges>;

function tableLook({ tables }: Pick<Ports, "tables">, table: TableToTail): Look {
  const changes = rowChanges();
  const keyOf = tableKey(table);
  return async () => {
    const key = await keyOf();
    return await changes(tables.scan(table.name), key);
  };
}

interface TableToTail extends Pick<ResultTables, "place"> {
  readonly name: string;
}

/** What is in a stream changes no more. */
function streamLook(
  { reader, clock }: Pick<Ports, "reader" | "clock">,
  { stream, all }: { readonly stream: string; readonly all: boolean },
): Look {
  const start = all
    ? { kind: "earliest" as const }
    : { kind: "time" as const, timeMs: clock.nowMs() };
  const rows = streamRows(reader, { stream, start });
  return async () => {
    const written: Row[] = [];
    for await (const row of rows.next()) written.push(row);
    return { written, deleted: [] };
  };
}

/** A busy store costs this look. */
function unlessBusy(thrown: unknown): RowChanges {
  if (isMillraceError(thrown) && thrown.retryable) return { written: [], deleted: [] };
  throw thrown;
}

/** Asks until it is known. */
function tableKey({ place, name }: TableToTail): () => Promise<readonly string[]> {
  let known: readonly string[] | undefined;
  return async () => (known ??= await ask()) ?? [];

  async function ask(): Promise<readonly string[] | undefined> {
    if (place.kind === "embedded") {
      const { keyOfTableInFolder } = await import("../runtime/embedded/tables-in-folder.ts");
      return keyOfTableInFolder(place.dir, name);
    }
    const { awsClients, closeClients } = await import("../runtime/aws/index.ts");
    const { dynamodbTableSchemas } = await import("../runtime/aws/dynamodb-table-schemas.ts");
    const clients = awsClients(place.region === undefined ? {} : { region: place.region });
    try {
      const key = await dynamodbTableSchemas({ client: clients.dynamodb }).keyOf(name);
      return key.map((field) => field.name);
    } finally {
      closeClients(clients);
    }
  }
}

function changeLine({ type, row }: { readonly type: string; readonly row: Row }): string {
  const fields = Object.entries(row).map(([name, value]) => `${name}=${textOf(value)}`);
  return `${type === "deleted" ? "-" : "+"} ${fields.join("  ")}`;
}
