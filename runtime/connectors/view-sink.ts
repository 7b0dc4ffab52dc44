import { inputError } from "../errors/millrace-error.ts";
import type { SinkConnector } from "../graph/connectors.ts";
import { timeMaxMs } from "../graph/event-time.ts";
import type { ViewChart, ViewColumn, ViewColumnType, ViewDescription } from "../graph/view.ts";
import { dynamodbSink } from "./dynamodb-sink.ts";
import type { KeyField, RowKeyFields, RowKeyTypes } from "./dynamodb-sink.ts";
import { shown } from "./dynamodb-limits.ts";
import { isPlainObject } from "./json-copy.ts";
import { checkView } from "./check-view.ts";

/** Types that a column for values of type `V` can have. */
type ColumnTypeOf<V> = [V] extends [string | null | undefined]
  ? "text"
  : [V] extends [number | null | undefined]
    ? "number" | "time"
    : [V] extends [boolean | null | undefined]
      ? "boolean"
      : never;

export interface ViewColumnOptions<Type extends ViewColumnType = ViewColumnType> {
  readonly type: Type;
  /** What stands above it. Default: its name. */
  readonly label?: string;
  /** What its numbers count, such as "min" or "$". Default: nothing is said. */
  readonly unit?: string;
  /** Digits behind the point that are shown, 0 to 10. Default: as many as the number has, at most 2. */
  readonly digits?: number;
}

/** Fields of `T` that are shown, each with its type. */
export type ViewColumns<T> = {
  readonly [Field in keyof T & string]?:
    | ColumnTypeOf<T[Field]>
    | ViewColumnOptions<ColumnTypeOf<T[Field]>>;
};

/** A live view of a stream of rows: what they are, and how they are drawn. */
export interface ViewOptions<T> {
  /** Name of the view: 1 to 128 characters of `A-Z a-z 0-9 . _ -`, unique among the uids of the job. */
  readonly uid: string;
  /** Uids that it had in earlier versions of the job. Default: none. */
  readonly previousUids?: readonly string[];
  /** One or two fields that identify a row: a later element with the same ones takes its place. */
  readonly key: RowKeyFields<T> | RowKeyTypes<T>;
  /** The fields that are kept and shown, in this order; others are left out, but for those of the key. */
  readonly columns: ViewColumns<T>;
  /** The column of type "time" that says when a row is of: what a time series is drawn over. Default: none. */
  readonly time?: KeyField<T>;
  /** How it is drawn. Default: as a table. */
  readonly chart?: ViewChart;
  /** Default: the uid. */
  readonly title?: string;
  /** Name of the table that its rows are kept in; a deployment can map it to another. Default: the uid. */
  readonly table?: string;
}

interface AnyOptions extends Pick<ViewOptions<never>, "uid" | "chart" | "title" | "table"> {
  readonly key: RowKeyFields<Row> | RowKeyTypes<Row>;
  readonly columns: Readonly<Record<string, ViewColumnType | ViewColumnOptions | undefined>>;
  readonly time?: string;
}

type Row = Readonly<Record<string, string | number>>;

/**
 * A sink for the rows of a view: a table of DynamoDB with a description of what is in it.
 * @throws MillraceError `view-invalid`, `table-name-invalid`, `sink-key-invalid`
 */
export function viewSink<T>(options: ViewOptions<T>): SinkConnector<T> {
  const { uid, key, columns, time, chart, title, table = uid } = options as unknown as AnyOptions;
  const view: ViewDescription = {
    title: title ?? uid,
    columns: Object.entries(columns ?? {}).flatMap(([name, column]) =>
      column === undefined ? [] : [columnOf(name, column)],
    ),
    ...(time !== undefined && { time }),
    chart: chart ?? { kind: "table" },
  };
  checkView(uid, view);
  const rows = dynamodbSink<Row>({ table, key }) as SinkConnector<unknown>;
  const fields = new Set([...(rows.keyFields ?? []), ...view.columns.map(({ name }) => name)]);
  return Object.freeze<SinkConnector<T>>({
    ...rows,
    view: Object.freeze(view),
    encode(value, change) {
      if (!isPlainObject(value)) return rows.encode(value, change);
      for (const column of view.columns) checkValue(uid, column, value[column.name]);
      const row: Record<string, unknown> = {};
      for (const field of fields) if (value[field] !== undefined) row[field] = value[field];
      return rows.encode(row, change);
    },
  });
}

function columnOf(name: string, given: ViewColumnType | ViewColumnOptions): ViewColumn {
  const { type, label = name, unit, digits } = typeof given === "string" ? { type: given } : given;
  return {
    name,
    type,
    label,
    ...(unit !== undefined && { unit }),
    ...(digits !== undefined && { digits }),
  };
}

const holds: Readonly<Record<ViewColumnType, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string",
  number: Number.isFinite,
  boolean: (value) => typeof value === "boolean",
  time: (value) => Number.isFinite(value) && Math.abs(value as number) <= timeMaxMs,
};

function checkValue(uid: string, { name, type }: ViewColumn, value: unknown): void {
  if (value === undefined || value === null || holds[type](value)) return;
  throw inputError("row-invalid", {
    message: `The column "${name}" of view "${uid}" is ${shown(value)}; it was declared as ${type}.`,
    next: "Give the field a value of that type, null or none with map before the view, or declare the column as what it is.",
  });
}
