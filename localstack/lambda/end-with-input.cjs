// Loaded before the runtime client: an environment never outlives whoever started it.
process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
process.stdin.unref?.();
