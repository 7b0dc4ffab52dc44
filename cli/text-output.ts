/** Where text goes: standard output, or a test's memory. */
export interface TextOutput {
  write(text: string): unknown;
  /** Width of a terminal, in characters. */
  readonly columns?: number;
}
