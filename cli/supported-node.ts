/** The oldest Node that runs Millrace: what CI runs, and what `engines` of package.json says. Older ones read no TypeScript. */
const oldest = { major: 22, minor: 18 } as const;

/** What to tell somebody whose Node is too old; undefined where it is not. Imports nothing: it comes before all that an old Node lacks. */
export function unsupportedNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) return undefined;
  return `millrace: needs Node ${oldest.major}.${oldest.minor} or newer, and this is ${version}: install it from https://nodejs.org, or run \`npx -p node@24 millrace\`.`;
}
