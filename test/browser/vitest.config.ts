import { defineConfig } from "vitest/config";

/** Tests that need a browser: it is installed at their first use where that is possible. */
export default defineConfig({
  test: {
    include: ["test/browser/**/*.test.ts"],
    environment: "node",
    pool: "forks",
    fileParallelism: false,
    testTimeout: 300_000,
    // The first use installs the browser and what the site is built with.
    hookTimeout: 900_000,
  },
});
