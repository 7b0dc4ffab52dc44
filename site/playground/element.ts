import { PlaygroundView } from "./view.ts";
import { make } from "./dom.ts";
import { engineOf } from "./engine.ts";

/**
 * `<millrace-playground>`: a job's text and its input, to edit and to run. Attributes: `job` and `input`, what it begins with; `every`, ms between lines
 * (default 1,000; 0 for all at once); and `open-ended`, for streams that do not end behind the last line. What stands in it, such as a figure of the run, is
 * shown until somebody wants to run it.
 */
class MillracePlayground extends HTMLElement {
  #view: PlaygroundView | undefined;

  connectedCallback(): void {
    if (this.#view !== undefined) return;
    const view = new PlaygroundView({
      text: this.getAttribute("job") ?? "",
      input: this.getAttribute("input") ?? "",
      everyMs: Number(this.getAttribute("every") ?? 1_000),
      ends: !this.hasAttribute("open-ended"),
    });
    this.#view = view;
    const engine = engineOf(new URL("worker.js", import.meta.url));
    view.onRun = (request) => engine.play(request, view);
    if (this.childElementCount === 0) return this.replaceChildren(view.root);
    const open = make("button", { type: "button", class: "mr-run" }, ["Edit and run"]);
    open.addEventListener("click", () => {
      this.replaceChildren(view.root);
      view.start();
    });
    this.append(open);
  }
}

if (!customElements.get("millrace-playground"))
  customElements.define("millrace-playground", MillracePlayground);
