import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { type Order, ordered, type SortValue } from "./order.ts";

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** What rows are sorted by when its head is pressed; absent: they are not. */
  readonly sort?: (row: Row) => SortValue;
  /** Numbers stand on the right; what fills takes the room that is left. */
  readonly kind?: "number" | "fill" | "clip";
}

/** A column of numbers, which rows are sorted by; nothing is shown of one that is absent. */
export const numbers = <Row,>(
  name: string,
  valueOf: (row: Row) => number | undefined,
  shown: (value: number) => ComponentChildren,
): Column<Row> => ({
  name,
  kind: "number",
  cell: (row) => {
    const value = valueOf(row);
    return value === undefined ? "" : shown(value);
  },
  sort: valueOf,
});

export interface TableProps<Row> {
  /** What the table is of, for those who don't see it. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Of a row that is open, or new. */
  readonly isMarked?: (row: Row) => boolean;
}

export function Table<Row>(props: TableProps<Row>): JSX.Element {
  const { caption, columns, rows, rowKey, isMarked } = props;
  const order = useSignal<Order | undefined>(undefined);
  const sort = columns.find(({ name }) => name === order.value?.column)?.sort;
  const shown = ordered(rows, sort, order.value);
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={caption}>
      <table data-order={order.value?.column}>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head column={column} order={order.value} onOrder={(next) => (order.value = next)} />
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={rowKey(row)} class={isMarked?.(row) === true ? "marked" : undefined}>
              {columns.map(({ cell, kind }) => (
                <td class={kind}>{cell(row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeadProps<Row> {
  readonly column: Column<Row>;
  readonly order: Order | undefined;
  readonly onOrder: (order: Order | undefined) => void;
}

function Head<Row>({ column, order, onOrder }: HeadProps<Row>): JSX.Element {
  const { name, sort, kind } = column;
  if (sort === undefined)
    return (
      <th scope="col" class={kind}>
        {name}
      </th>
    );
  const direction = order?.column === name ? order.direction : undefined;
  const next = { undefined: "descending", descending: "ascending" } as const;
  const press = (): void => {
    const following = direction === "ascending" ? undefined : next[`${direction}`];
    onOrder(following && { column: name, direction: following });
  };
  return (
    <th scope="col" class={kind} aria-sort={direction}>
      <button type="button" onClick={press}>
        {name}
      </button>
    </th>
  );
}
