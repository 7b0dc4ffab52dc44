/** What a record can be keyed by. NaN is refused; -0 and 0 are one key; a record's fields have no order. */
export type KeyValue =
  | string
  | number
  | bigint
  | boolean
  | readonly KeyValue[]
  | { readonly [field: string]: KeyValue };

/** Fields that a key is made of: the value of one, or an array of the values of some, in order. */
export type KeyFields =
  | { readonly kind: "field"; readonly fields: readonly [string] }
  | { readonly kind: "tuple"; readonly fields: readonly string[] };
