/** What a column of a view holds: a text, a number, a yes or no, or a time in ms since 1970. Any of them may be null or absent. */
export type ViewColumnType = "text" | "number" | "boolean" | "time";

export interface ViewColumn {
  readonly name: string;
  readonly type: ViewColumnType;
  /** What stands above it. */
  readonly label: string;
  /** What its numbers count, such as "min" or "$". */
  readonly unit?: string;
  /** Digits behind the point that are shown. */
  readonly digits?: number;
}

/** How a view is drawn. Names are those of columns. */
export type ViewChart =
  /** Rows, by the column `order`; absent: by their key. */
  | { readonly kind: "table"; readonly order?: string; readonly descending?: boolean }
  /** Lines over the view's time: one for each column of `values`, and where there is `by`, for each value of it. */
  | { readonly kind: "time-series"; readonly values: readonly string[]; readonly by?: string }
  /** A bar for each row; with `top` only so many, the longest ones. */
  | {
      readonly kind: "bars";
      readonly label: string;
      readonly value: string;
      readonly top?: number;
    }
  /** One number: the sum over all rows, or what the row of the newest time says. */
  | { readonly kind: "number"; readonly value: string; readonly of: "sum" | "newest" };

/** What a sink's rows are, for whoever draws them: plain JSON. */
export interface ViewDescription {
  readonly title: string;
  /** In the order in which they are shown. */
  readonly columns: readonly ViewColumn[];
  /** The column that says when a row is of. */
  readonly time?: string;
  readonly chart: ViewChart;
}
