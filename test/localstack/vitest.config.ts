import { defineConfig } from "vitest/config";

/** Tests that need the emulators: they are installed at their first use, and started and stopped by the tests. */
export default defineConfig({
  test: {
    include: ["test/localstack/**/*.test.ts"],
    environment: "node",
    pool: "forks",
    // Each file starts a world of its own; two cores hold one.
    fileParallelism: false,
    testTimeout: 300_000,
    // The first use installs: the runtime client's native part takes minutes to compile.
    hookTimeout: 900_000,
  },
});
