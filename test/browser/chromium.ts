import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The machine's Chromium; `CHROMIUM` names another. Where there is none, Debian's is installed. */
function chromiumPath(): string {
  const given = process.env["CHROMIUM"];
  const found = given ?? places.find((path) => existsSync(path));
  if (found !== undefined) return found;
  if (process.getuid?.() === 0) {
    execFileSync("apt-get", ["update", "-qq"]);
    execFileSync("apt-get", ["install", "-qq", "-y", "--no-install-recommends", "chromium"]);
    return places[0]!;
  }
  throw new Error(
    "There is no Chromium on this machine. Install it (apt-get install chromium), or name one with CHROMIUM=/path.",
  );
}

export async function startChromium(): Promise<Browser> {
  // Its sandbox needs rights that containers don't give to root.
  return await chromium.launch({ executablePath: chromiumPath(), args: ["--no-sandbox"] });
}
