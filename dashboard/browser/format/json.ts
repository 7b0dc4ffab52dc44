/** A text that is JSON, spread over lines; any other as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

/** A value as short text: a string without its quotes. */
export const shownValue = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value) ?? "");
