/** Names a side output and gives it its type. */
export interface OutputTag<T> {
  readonly tag: string;
  /** Carries the type only. */
  readonly type?: T;
}

/** A side output of the given name: unique within the operator that emits to it. */
export function outputTag<T>(tag: string): OutputTag<T> {
  return Object.freeze({ tag });
}
