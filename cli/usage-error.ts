/** The command line can't be understood: shown without a stack, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
