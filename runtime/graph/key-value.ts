/** What a record can be keyed by. NaN is refused; -0 and 0 are one key; a record's fields have no order. */
export type KeyValue =
  | string
  | number
  | bigint
  | boolean
  | readonly KeyValue[]
  | { readonly [field: string]: KeyValue };
