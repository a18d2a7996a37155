
"use strict";
(() => {
  const form = document.querySelector(".filter");
  if (!form) return;
  const inputs = {
    filter: document.getElementById("filter"),
    severity: document.getElementById("severity"),
    type: document.getElementById("type"),
  };
  const shown = document.getElementById("shown");
  const view = document.getElementById("view");
  const order = new Intl.Collator("en", { numeric: true });
  const sections = Array.from(document.querySelectorAll("section"), (section) => {
    const body = section.querySelector("tbody");
    return {
      name: section.id,
      table: section.querySelector("table"),
      body,
      heads: Array.from(section.querySelectorAll("thead th")),
      rows: Array.from(body.rows, (row) => ({
        row,
        text: Array.from(row.cells, (cell) => cell.textContent.toLowerCase()).join(" "),
        severity: row.dataset.severity || "",
        types: (row.dataset.type || "").split("\n"),
      })),
      count: section.querySelector(".count"),
      nothing: section.querySelector(".nothing"),
    };
  });
  // The order of each table: section name to [column, "up" or "down"].
  const sorted = new Map();

  function matches(entry, words) {
    if (!words.every((word) => entry.text.includes(word))) return false;
    if (inputs.severity.value && entry.severity !== inputs.severity.value) return false;
    return !inputs.type.value || entry.types.includes(inputs.type.value);
  }

  function filter() {
    const words = inputs.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let visible = 0;
    let all = 0;
    for (const section of sections) {
      let here = 0;
      for (const entry of section.rows) {
        const fits = matches(entry, words);
        entry.row.hidden = !fits;
        here += fits ? 1 : 0;
      }
      const total = section.rows.length;
      section.count.textContent = here === total ? String(total) : `${here} of ${total}`;
      section.nothing.hidden = here > 0;
      section.table.hidden = here === 0;
      visible += here;
      all += total;
    }
    shown.textContent = visible === all ? `${all} rows` : `${visible} of ${all} rows`;
  }

  function key(row, column) {
    const cell = row.cells[column];
    return cell.dataset.key === undefined ? cell.textContent : cell.dataset.key;
  }

  function sort(section, name, direction) {
    const column = section.heads.findIndex((head) => head.dataset.column === name);
    if (column < 0) return;
    const sign = direction === "down" ? -1 : 1;
    const keyed = section.rows.map((entry) => [key(entry.row, column), entry]);
    keyed.sort((one, other) => sign * order.compare(one[0], other[0]));
    section.body.append(...keyed.map((each) => each[1].row));
    section.heads.forEach((head, number) => {
      const way = direction === "down" ? "descending" : "ascending";
      head.setAttribute("aria-sort", number === column ? way : "none");
    });
    sorted.set(section.name, [name, direction]);
  }

  function state() {
    const parameters = new URLSearchParams();
    for (const [name, input] of Object.entries(inputs)) {
      if (input.value) parameters.set(name, input.value);
    }
    for (const [section, [column, direction]] of sorted) {
      parameters.append("sort", `${section}.${column}.${direction}`);
    }
    return parameters.toString();
  }

  function remember() {
    const text = state();
    view.href = `#${text}`;
    history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
  }

  // A link carries a view: #filter=openssl&severity=critical&type=security&sort=packages.after.down
  function restore() {
    const fragment = location.hash.slice(1);
    if (!fragment.includes("=")) return;
    const parameters = new URLSearchParams(fragment);
    for (const [name, input] of Object.entries(inputs)) input.value = parameters.get(name) || "";
    for (const text of parameters.getAll("sort")) {
      const [name, column, direction] = text.split(".");
      const section = sections.find((each) => each.name === name);
      if (section) sort(section, column, direction);
    }
    view.href = `#${state()}`;
  }

  for (const section of sections) {
    for (const head of section.heads) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const again = head.getAttribute("aria-sort") === "ascending";
        sort(section, head.dataset.column, again ? "down" : "up");
        remember();
      });
    }
  }
  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      filter();
      remember();
    }, 100);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    setTimeout(() => {
      filter();
      remember();
    });
  });
  window.addEventListener("hashchange", () => {
    restore();
    filter();
  });
  restore();
  filter();
  form.hidden = false;
  document.documentElement.classList.add("scripted");
  // The heads of the tables stay visible right below the filter, however many lines it takes.
  new ResizeObserver(() => {
    document.documentElement.style.setProperty("--filter-height", `${form.offsetHeight}px`);
  }).observe(form);
})();
