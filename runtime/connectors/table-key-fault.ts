import type { ExistingKey, KeyType, TableKey } from "../ports/keyed-table.ts";

/**
 * Why rows with a key can't be written to a table whose key is `existing`; undefined where they can. A type that isn't declared
 * may be right.
 */
export function tableKeyFault(key: TableKey, existing: ExistingKey): string | undefined {
  const fits =
    key.length === existing.length &&
    key.every(({ name, type }, at) => {
      const other = existing[at]!;
      return name === other.name && (type === undefined || type === other.type);
    });
  if (fits) return undefined;
  return `its key is (${keyText(existing)}), and that of the rows is (${keyText(key)})`;
}

function keyText(key: TableKey | ExistingKey): string {
  return key.map(({ name, type }) => (type === undefined ? name : `${name} ${type}`)).join(", ");
}

/** By what DynamoDB calls the type of an attribute. */
export function keyTypeOf(attributeType: string | undefined): KeyType | "binary" | undefined {
  switch (attributeType) {
    case "S":
      return "string";
    case "N":
      return "number";
    case "B":
      return "binary";
    default:
      return undefined;
  }
}
