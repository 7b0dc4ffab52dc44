/** Carries a type, nothing else. */
export interface ElementType<T> {
  /** Never there. */
  readonly type?: T;
}

const carrier: ElementType<never> = Object.freeze({});

/** Says the type of what an operator emits where it can't be inferred: `process({ emits: elementType<Alert>(), … })`. */
export function elementType<T>(): ElementType<T> {
  return carrier;
}
