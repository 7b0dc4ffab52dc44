import { isMillraceError } from "../runtime/errors/millrace-error.ts";
import { systemClock } from "../runtime/node/system-environment.ts";
import type { Row } from "../runtime/ports/keyed-table.ts";
import { reporting } from "./answer.ts";
import type { TailGiven } from "./commands/tail.ts";
import { openStore } from "./open-store.ts";
import { type ResultTables, resultTables } from "./result-table.ts";
import { rowChanges, type RowChanges } from "./row-changes.ts";
import { fulfils, textOf } from "./select-rows.ts";
import { onStopSignals } from "./stop-signals.ts";

const everySeconds = { embedded: 1, aws: 10 } as const;

/** `millrace tail <table>`: rows of a table of results as they change, until it is stopped. Answers the exit code. */
export async function tailCommand({ values, args: [table] }: TailGiven): Promise<number> {
  const tables = resultTables(values);
  const { place, json, names } = tables;
  const everyMs = 1_000 * (values.every ?? everySeconds[place.kind]);
  return await reporting(json, async () => {
    const store = await openStore(place);
    const stopping = new AbortController();
    const stopped = new Promise<void>((resolve) =>
      stopping.signal.addEventListener("abort", () => resolve(), { once: true }),
    );
    const release = onStopSignals(() => stopping.abort());
    const changes = rowChanges();
    const keyOf = tableKey(tables, table);
    const look = async (): Promise<RowChanges> => {
      const key = await keyOf();
      return await changes(store.ports.tables.scan(names[table] ?? table), key);
    };
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
      if (values.all) show(first);
      for (;;) {
        await Promise.race([stopped, systemClock.sleep(everyMs)]);
        if (stopping.signal.aborted) return 0;
        show(await look().catch(unlessBusy));
      }
    } finally {
      release();
      store.close();
    }
  });
}

/** A busy store costs this look. */
function unlessBusy(thrown: unknown): RowChanges {
  if (isMillraceError(thrown) && thrown.retryable) return { written: [], deleted: [] };
  throw thrown;
}

/** Asks until it is known: a table of a folder is there once it is written to. */
function tableKey({ place, names }: ResultTables, table: string): () => Promise<readonly string[]> {
  let known: readonly string[] | undefined;
  return async () => (known ??= await ask()) ?? [];

  async function ask(): Promise<readonly string[] | undefined> {
    if (place.kind === "embedded") {
      const { keyOfTableInFolder } = await import("../runtime/embedded/tables-in-folder.ts");
      return keyOfTableInFolder(place.dir, table);
    }
    const { awsClients, closeClients } = await import("../runtime/aws/index.ts");
    const { dynamodbTableSchemas } = await import("../runtime/aws/dynamodb-table-schemas.ts");
    const clients = awsClients(place.region === undefined ? {} : { region: place.region });
    try {
      const key = await dynamodbTableSchemas({ client: clients.dynamodb }).keyOf(
        names[table] ?? table,
      );
      return key.map(({ name }) => name);
    } finally {
      closeClients(clients);
    }
  }
}

function changeLine({ type, row }: { readonly type: string; readonly row: Row }): string {
  const fields = Object.entries(row).map(([name, value]) => `${name}=${textOf(value)}`);
  return `${type === "deleted" ? "-" : "+"} ${fields.join("  ")}`;
}
