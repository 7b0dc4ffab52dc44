export type Fields = Readonly<Record<string, unknown>>;

/** Whether something that was parsed has members to look at. Nothing is said of what they are. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
