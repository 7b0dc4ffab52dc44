/** The size of an item as DynamoDB's documentation counts it: names and values in UTF-8, numbers by two digits a byte. */
export function itemBytes(item: object): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value as AttributeText),
    0,
  );
}

interface AttributeText {
  readonly S?: string;
  readonly N?: string;
  /** Bytes, or their base 64 as they travel. */
  readonly B?: Uint8Array | string;
  readonly M?: object;
  readonly L?: readonly AttributeText[];
}

function valueBytes({ S, N, B, M, L }: AttributeText): number {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return Math.ceil(N.length / 2) + 1;
  if (B !== undefined) return typeof B === "string" ? Buffer.byteLength(B, "base64") : B.length;
  if (M !== undefined) return 3 + itemBytes(M);
  return L === undefined ? 1 : 3 + L.reduce((sum, each) => sum + 1 + valueBytes(each), 0);
}
