import type { Page } from "playwright-core";

/**
 * What each frame of a page takes, from its begin until it is painted, over so many seconds: scripts, styles, layout and paint. When frames
 * begin is not measured: on a busy machine that says nothing of the page.
 * @returns milliseconds, ascending
 */
export async function frameTimes(page: Page, seconds: number): Promise<readonly number[]> {
  return await page.evaluate<readonly number[]>(`new Promise((resolve) => {
    const times = [];
    const channel = new MessageChannel();
    const endMs = performance.now() + ${seconds * 1_000};
    let beganMs = 0;
    // A message that is sent while a frame is made comes when that is painted.
    channel.port1.onmessage = () => {
      times.push(performance.now() - beganMs);
      if (performance.now() < endMs) requestAnimationFrame(begin);
      else resolve(times.sort((left, right) => left - right));
    };
    const begin = (atMs) => {
      beganMs = atMs;
      channel.port2.postMessage(undefined);
    };
    requestAnimationFrame(begin);
  })`);
}
