import { PlaygroundView } from "./view.ts";
import { engineOf } from "./engine.ts";

/**
 * `<millrace-playground>`: a job's text and its input, to edit and to run. The text of its children `script[data-part="job"]` and
 * `script[data-part="input"]` is what it begins with. Attributes: `every`, ms between lines (default 1,000; 0 for all at once), and
 * `open-ended`, for streams that do not end behind the last line.
 */
class MillracePlayground extends HTMLElement {
  #view: PlaygroundView | undefined;

  connectedCallback(): void {
    if (this.#view !== undefined) return;
    const part = (name: string): string =>
      this.querySelector(`script[data-part="${name}"]`)?.textContent?.trim() ?? "";
    const everyMs = Number(this.getAttribute("every") ?? 1_000);
    const ends = !this.hasAttribute("open-ended");
    const view = new PlaygroundView({ text: part("job"), input: part("input"), everyMs, ends });
    this.#view = view;
    const engine = engineOf(new URL("worker.js", import.meta.url));
    view.onRun = (request) => engine.play(request, view);
    this.replaceChildren(view.root);
  }
}

if (!customElements.get("millrace-playground"))
  customElements.define("millrace-playground", MillracePlayground);
