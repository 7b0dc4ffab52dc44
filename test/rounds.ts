/** How many seeds, runs or cuts a test takes: `few` with `npm test`, and `many` with `npm run test:slow`, which runs each file that asks for them once more. */
export function rounds({ few, many }: { readonly few: number; readonly many: number }): number {
  return process.env["MILLRACE_ROUNDS"] === "many" ? many : few;
}
