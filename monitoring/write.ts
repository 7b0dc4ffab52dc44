/** Writes the dashboard and the rules anew. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { files } from "./files.ts";

for (const [name, text] of Object.entries(files))
  writeFileSync(join(import.meta.dirname, name), text());
