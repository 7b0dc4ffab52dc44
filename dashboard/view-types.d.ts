/** `<millrace-view src="<address of a job>" view="<table>">`: a view of a job in any page, live. Importing this module defines the element. */
export interface MillraceView extends HTMLElement {
  /** Address of a job of the API, such as `http://127.0.0.1:4000/jobs/orders`. */
  src: string;
  /** Name of the view's table: the uid of `toView`. */
  view: string;
}

declare global {
  interface HTMLElementTagNameMap {
    "millrace-view": MillraceView;
  }
}
