// The queue by keyboard, the list of keys, the custom time range. Everything also works without this file.
(() => {
  "use strict";

  const rows = () => [...document.querySelectorAll("[data-row]")];
  const linkOf = (row) => row.querySelector("a.row-link") ?? row;
  let cursor = null; // id of the row last stood on, so that a refresh or another row above does not move it

  const rowAtCursor = () => document.activeElement?.closest("[data-row]") ?? (cursor && document.getElementById(cursor));

  function move(step) {
    const all = rows();
    if (all.length === 0) return;
    const at = all.indexOf(rowAtCursor());
    const row = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))];
    linkOf(row).focus();
    row.scrollIntoView({ block: "nearest" });
  }

  function acknowledge() {
    const row = rowAtCursor();
    const form = (row ?? (rows().length === 0 ? document : null))?.querySelector("form[data-acknowledge]");
    form?.requestSubmit();
  }

  function close() {
    const reason = document.getElementById("close-reason");
    const row = rowAtCursor();
    if (reason) reason.focus();
    else if (row?.querySelector("a.row-link")) location.assign(linkOf(row).href + "#close-reason");
  }

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    a: acknowledge,
    c: close,
    u: () => document.querySelector("a[data-up]")?.click(),
    "/": () => document.getElementById("query")?.focus() ?? location.assign("/events"),
    "?": () => document.getElementById("keys")?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target.closest?.("input, select, textarea, dialog[open]")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // The slider of dates says where it stands while it moves, and asks for the page when it rests.
  document.querySelectorAll("form[data-slider]").forEach((form) => {
    const range = form.querySelector("input[type=range]");
    const dates = range.dataset.dates.split(",");
    range.addEventListener("input", () => {
      form.querySelector("output").textContent = dates[range.value];
      range.setAttribute("aria-valuetext", dates[range.value]);
    });
    range.addEventListener("change", () => form.requestSubmit());
  });

  // A menu of the header closes when one goes elsewhere.
  const closeMenus = (but) => document.querySelectorAll("details.menu[open]").forEach((menu) => menu !== but && menu.removeAttribute("open"));
  document.addEventListener("click", (event) => closeMenus(event.target.closest?.("details.menu")));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.removeAttribute("open");
    menu.querySelector("summary").focus();
  });

  document.addEventListener("focusin", (event) => {
    closeMenus(event.target.closest?.("details.menu"));
    const row = event.target.closest?.("[data-row]");
    if (row?.id) cursor = row.id;
  });

  // After an acknowledgement the pressed button is gone: stand on the row's link instead of nowhere.
  document.addEventListener("htmx:after:swap", () => {
    const row = cursor && document.getElementById(cursor);
    if (row && (document.activeElement === document.body || !document.activeElement)) linkOf(row).focus();
  });

  for (const button of document.querySelectorAll("[data-open]")) {
    button.addEventListener("click", () => document.getElementById(button.dataset.open)?.showModal());
  }

  const range = document.getElementById("range");
  const custom = document.getElementById("custom-range");
  if (range && custom) {
    range.addEventListener("change", () => {
      custom.hidden = range.value !== custom.dataset.shownFor;
    });
  }
})();
