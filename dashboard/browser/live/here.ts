import { signal } from "@preact/signals";
import { type Route, routeOf } from "./route.ts";

/** What the address names now. */
export const here = signal<Route>(routeOf(location.hash));

addEventListener("hashchange", () => {
  const before = here.value;
  const next = routeOf(location.hash);
  here.value = next;
  if (before.job === next.job && before.page === next.page) return;
  // As where a page is loaded: at its top, and with what reads the page aloud at its beginning.
  scrollTo(0, 0);
  document.querySelector("main")?.focus({ preventScroll: true });
});
