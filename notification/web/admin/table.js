// A chart as a collapsible table. Updates reuse the rows, so that a screen reader keeps its place.

import { element } from "../element.js";

export class Table {
  #body = element("tbody");

  constructor(title, columns) {
    const head = element("tr", {}, ...columns.map((text) => element("th", { scope: "col" }, text)));
    this.element = element(
      "details",
      {},
      element("summary", {}, "Show as table", element("span", { class: "hidden" }, `: ${title}`)),
      element("table", {}, element("caption", { class: "hidden" }, title), element("thead", {}, head), this.#body),
    );
  }

  show(rows) {
    while (this.#body.rows.length > rows.length) this.#body.lastElementChild.remove();
    rows.forEach((cells, index) => {
      const row = this.#body.rows[index] ?? this.#body.appendChild(emptyRow(cells.length));
      cells.forEach((text, place) => write(row.cells[place], text));
    });
  }
}

// Setting the same text again would alert screen readers and drop the selection.
export function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

function emptyRow(cells) {
  const values = Array.from({ length: cells - 1 }, () => element("td"));
  return element("tr", {}, element("th", { scope: "row" }), ...values);
}
