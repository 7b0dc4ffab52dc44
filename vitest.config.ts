import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // These install and start emulators: `npm run test:localstack`.
    exclude: ["test/localstack/**"],
    environment: "node",
    // Forks: some suites kill what they start, and node:sqlite keeps native handles of its own.
    pool: "forks",
    // Many tests wait for processes that they started: the default leaves one core idle.
    maxWorkers: "100%",
    // Emulators, bundling and type-checking start processes; a machine under load needs patience.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
