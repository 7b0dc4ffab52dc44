/**
 * Measures one cold start, in a process of its own: from before the bundle is loaded to the first commit. Arguments: the
 * bundle, which exports `start(dir)`, and a folder.
 */
const [bundle, dir] = process.argv.slice(2) as [string, string];
const beforeMs = performance.now();
const { start } = (await import(bundle)) as { readonly start: (dir: string) => Promise<void> };
const loadedMs = performance.now();
await start(dir);
process.stdout.write(
  JSON.stringify({ loadMs: loadedMs - beforeMs, totalMs: performance.now() - beforeMs }),
);
