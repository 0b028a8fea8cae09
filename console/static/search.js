// The search page: what may come next in the query, a time chosen by dragging over the bars, fields by their name.
// Everything also works without this file, but for adding a column from the list of fields.
(() => {
  "use strict";

  const input = document.querySelector("[data-complete]");

  // Suggestions: a list under the bar, by arrow keys and Enter or Tab; Escape puts it away.
  if (input) {
    const list = document.createElement("ul");
    list.className = "offers";
    list.id = "offers";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.dataset.offers);
    input.closest("label").classList.add("completing");
    input.after(list);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-controls", "offers");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-autocomplete", "list");
    let told = null;
    let asked = 0;
    let waiting = 0;

    const hide = () => {
      list.hidden = true;
      told = null;
      asked += 1;
      clearTimeout(waiting);
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };

    const choose = (number) => {
      [...list.children].forEach((item, at) => item.setAttribute("aria-selected", at === number));
      const item = list.children[number];
      if (item) {
        input.setAttribute("aria-activedescendant", item.id);
        item.scrollIntoView({ block: "nearest" });
      }
    };

    const chosen = () => [...list.children].findIndex((item) => item.getAttribute("aria-selected") === "true");

    const take = (number) => {
      const { start, end, offers } = told;
      const text = offers[number].text + (offers[number].text.endsWith(":") ? "" : " ");
      input.value = input.value.slice(0, start) + text + input.value.slice(end).replace(/^ /, text.endsWith(" ") ? "" : " ");
      input.setSelectionRange(start + text.length, start + text.length);
      hide();
      if (text.endsWith(":")) ask();
    };

    const show = (answer) => {
      list.replaceChildren(
        ...answer.offers.map((offer, number) => {
          const item = document.createElement("li");
          item.id = `offer-${number}`;
          item.setAttribute("role", "option");
          const label = document.createElement("span");
          label.textContent = offer.label;
          const detail = document.createElement("span");
          detail.textContent = offer.detail;
          detail.className = "muted";
          item.append(label, detail);
          item.addEventListener("mousedown", (event) => {
            event.preventDefault();
            take(number);
          });
          return item;
        }),
      );
      told = answer;
      list.hidden = answer.offers.length === 0;
      input.setAttribute("aria-expanded", String(!list.hidden));
    };

    const ask = () => {
      clearTimeout(waiting);
      waiting = setTimeout(async () => {
        const number = ++asked;
        const question = new URLSearchParams({ query: input.value, at: input.selectionStart });
        try {
          const response = await fetch(`${input.dataset.complete}?${question}`, { headers: { accept: "application/json" } });
          if (!response.ok || number !== asked || document.activeElement !== input) return;
          show(await response.json());
        } catch {
          hide();
        }
      }, 120);
    };

    input.addEventListener("input", ask);
    input.addEventListener("blur", hide);
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "ArrowDown" && list.hidden) {
        event.preventDefault();
        ask();
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (list.hidden) return;
        event.preventDefault();
        const last = list.children.length - 1;
        const at = chosen();
        choose(event.key === "ArrowDown" ? (at >= last ? 0 : at + 1) : at <= 0 ? last : at - 1);
      } else if ((event.key === "Enter" || event.key === "Tab") && !list.hidden && chosen() >= 0) {
        event.preventDefault();
        take(chosen());
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        hide();
      }
    });
  }

  // A column is added by the form that takes one away.
  function addColumn(button) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = "/events/columns";
    const shown = document.querySelector("form.save-search");
    const given = [...shown.querySelectorAll("input[type=hidden]")].map((field) => [field.name, field.value]);
    for (const [name, value] of [...given, ["add", button.dataset.column]]) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      form.append(field);
    }
    document.body.append(form);
    form.submit();
  }

  // The bars: drag over some to search within them.
  function brush(bars) {
    const number = (event) => {
      const box = bars.getBoundingClientRect();
      const at = ((event.clientX - box.left) / box.width) * (bars.dataset.width / 10);
      return Math.max(0, Math.min(bars.dataset.width / 10 - 1, Math.floor(at)));
    };
    let from = null;
    let to = null;
    let mark = null;
    bars.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.pointerType === "touch") return;
      event.preventDefault();
      from = to = number(event);
    });
    bars.addEventListener("dragstart", (event) => event.preventDefault());
    const move = (event) => {
      if (from === null) return;
      to = number(event);
      if (to !== from && mark === null) {
        mark = document.createElementNS("http://www.w3.org/2000/svg", "rect");
        mark.setAttribute("class", "brush");
        mark.setAttribute("y", 0);
        mark.setAttribute("height", bars.viewBox.baseVal.height);
        bars.append(mark);
      }
      mark?.setAttribute("x", Math.min(from, to) * 10);
      mark?.setAttribute("width", (Math.abs(to - from) + 1) * 10);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", (event) => {
      if (from === null) return;
      move(event);
      const [first, last] = [Math.min(from, to), Math.max(from, to)];
      const dragged = mark !== null;
      from = null;
      mark?.remove();
      mark = null;
      if (!dragged) return;
      const links = [...bars.querySelectorAll("[data-link]")].map((bar) => new URL(bar.dataset.link, location.href).searchParams);
      const address = new URL(bars.dataset.brush, location.href);
      address.searchParams.set("from", links[first].get("from"));
      address.searchParams.set("to", links[last].get("to"));
      location.assign(address);
    });
  }

  function wake(root) {
    root.querySelectorAll(".bars").forEach((bars) => {
      if (bars.dataset.awake) return;
      bars.dataset.awake = "yes";
      brush(bars);
    });
    root.querySelectorAll("[data-column][hidden]").forEach((button) => {
      if (!document.querySelector("form.save-search")) return;
      button.hidden = false;
      button.addEventListener("click", () => addColumn(button));
    });
    root.querySelectorAll("[data-filters][hidden]").forEach((filter) => {
      filter.hidden = false;
      filter.addEventListener("input", () => {
        const sought = filter.value.trim().toLowerCase();
        document.querySelectorAll(`#${filter.dataset.filters} > li`).forEach((item) => {
          item.hidden = !item.dataset.name.toLowerCase().includes(sought);
        });
      });
    });
  }

  document.addEventListener("htmx:after:swap", () => wake(document));
  wake(document);
})();
