/**
 * Node says of what it calls experimental, once a process, that it is. The command relies on SQLite, and CI runs it on each Node that it
 * supports: nobody who runs a job can do anything about it. All other warnings are shown as they come.
 */
export function dropExperimentalWarnings(): void {
  const show = process.listeners("warning");
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name === "ExperimentalWarning" && warning.message.startsWith("SQLite")) return;
    for (const listener of show) listener(warning);
  });
}
