import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { orderOfView } from "../../../http/live/view-order.ts";
import type { TableUpdate } from "../../../http/schemas/tables.ts";
import type { ViewDescription } from "../../../runtime/graph/view.ts";
import { type Connection, follow } from "./stream.ts";
import { noRows, type TableRows, updated } from "./table-rows.ts";

export interface FollowedTable {
  /** Undefined until the first of them is told. */
  readonly rows: TableRows | undefined;
  readonly connection: Connection;
}

/** The rows of a table as they change, drawn once a frame; without a path nothing is followed. */
export function useTable(
  path: string | undefined,
  view: ViewDescription | undefined,
): FollowedTable {
  const rows = useSignal<TableRows | undefined>(undefined);
  const connection = useSignal<Connection>("connecting");
  useEffect(() => {
    if (path === undefined) return undefined;
    let next = noRows;
    const order = view && orderOfView(view);
    let isDue = false;
    return follow<TableUpdate>({
      path,
      onConnection: (now) => (connection.value = now),
      onMessage: (update) => {
        next = updated(next, update, order);
        if (isDue) return;
        isDue = true;
        requestAnimationFrame(() => {
          isDue = false;
          rows.value = next;
        });
      },
    });
  }, [path, view]);
  return { rows: rows.value, connection: connection.value };
}
