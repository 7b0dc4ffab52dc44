import { render } from "preact";
import { EmbeddedView } from "./embedded-view.tsx";

/** What `style.css` is, bundled: put in where this is. */
declare const embeddedStyle: string;

/** One for all elements of a page; a policy that forbids styles in pages has nothing against it. */
let sheet: CSSStyleSheet | undefined;

function styleSheet(): CSSStyleSheet {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(embeddedStyle);
  }
  return sheet;
}

/** A server that only renders pages has no elements, and may load this all the same. */
const Element = globalThis.HTMLElement ?? class {};

/** `<millrace-view src="<address of a job>" view="<table>">` draws a view of a job, live. */
class MillraceView extends Element {
  static readonly observedAttributes = ["src", "view"];
  readonly #root = this.attachShadow({ mode: "open" });

  connectedCallback(): void {
    this.#root.adoptedStyleSheets = [styleSheet()];
    this.#draw();
  }

  disconnectedCallback(): void {
    render(null, this.#root);
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#draw();
  }

  /** Address of the job; one that is none of a whole is of the page. */
  get src(): string {
    return this.getAttribute("src") ?? "";
  }
  set src(address: string) {
    this.setAttribute("src", address);
  }

  /** Name of the view's table. */
  get view(): string {
    return this.getAttribute("view") ?? "";
  }
  set view(table: string) {
    this.setAttribute("view", table);
  }

  #draw(): void {
    const missing = ["src", "view"].filter((name) => (this.getAttribute(name) ?? "") === "");
    if (missing.length > 0) {
      const text = `millrace-view lacks ${missing.join(" and ")}: <millrace-view src="/jobs/orders" view="totals">`;
      render(<p class="problem">{text}</p>, this.#root);
      return;
    }
    const job = this.src.replace(/\/+$/, "");
    render(<EmbeddedView key={`${job} ${this.view}`} job={job} table={this.view} />, this.#root);
  }
}

/** Makes the element known to the page, which may load this twice: by an address, and bundled. */
export function defineView(): void {
  const { customElements: elements } = globalThis as Partial<typeof globalThis>;
  if (elements?.get("millrace-view") === undefined) elements?.define("millrace-view", MillraceView);
}
