type Child = Node | string;

/** Makes an element with attributes and children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>> = {},
  children: readonly Child[] = [],
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes))
    element.setAttribute(attribute, value);
  element.append(...children);
  return element;
}

let count = 0;

/** A control under its label. */
export function labelled(label: string, control: HTMLElement): HTMLElement {
  count += 1;
  control.id = `mr-control-${count}`;
  return make("div", { class: "mr-field" }, [make("label", { for: control.id }, [label]), control]);
}

/** A table of texts with a heading; a word where it has no rows. */
export function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): HTMLElement {
  const cells = (name: "td" | "th", texts: readonly string[]): HTMLElement =>
    make(
      "tr",
      {},
      texts.map((text) => make(name, name === "th" ? { scope: "col" } : {}, [text])),
    );
  if (rows.length === 0)
    return make("p", { class: "mr-none" }, [make("b", {}, [caption]), " none"]);
  return make("table", { class: "mr-table" }, [
    make("caption", {}, [caption]),
    make("thead", {}, [cells("th", heads)]),
    make(
      "tbody",
      {},
      rows.map((row) => cells("td", row)),
    ),
  ]);
}
