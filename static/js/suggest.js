// Names while one types into a search box: a listbox as WAI-ARIA's combobox pattern has it. Without it the box is a form.

const SHORTEST = 3;
const PAUSE = 120;

function attach(box) {
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = `${box.id}-suggestions`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.labels[0].textContent);
  list.hidden = true;
  box.parentElement.append(list);
  box.autocomplete = "off";
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) box.setAttribute(name, value);

  let timer;
  let running;
  let chosen = -1;

  function close() {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    choose(-1);
  }

  function choose(number) {
    const options = list.children;
    options[chosen]?.setAttribute("aria-selected", "false");
    chosen = number;
    const option = options[chosen];
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      box.setAttribute("aria-activedescendant", option.id);
    } else box.removeAttribute("aria-activedescendant");
  }

  async function ask() {
    const typed = box.value.trim();
    running?.abort();
    // A field (name:value) or several terms are a query, no beginning of a name.
    if (typed.length < SHORTEST || typed.includes(":") || typed.includes('"')) return close();
    running = new AbortController();
    try {
      const answer = await fetch(`${box.dataset.suggest}?q=${encodeURIComponent(typed)}`, { signal: running.signal });
      if (!answer.ok) return close();
      const lines = await answer.text();
      // Who has gone on meanwhile is left alone.
      if (document.activeElement !== box) return close();
      chosen = -1;
      box.removeAttribute("aria-activedescendant");
      list.innerHTML = lines;
      for (const option of list.children) option.id = `${list.id}-${option.id}`;
      list.hidden = list.children.length === 0;
      box.setAttribute("aria-expanded", String(!list.hidden));
    } catch {
      close();
    }
  }

  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, PAUSE); });
  box.addEventListener("blur", () => { clearTimeout(timer); close(); });
  box.addEventListener("keydown", (event) => {
    if (list.hidden) {
      if (event.key === "ArrowDown") { event.preventDefault(); ask(); }
      return;
    }
    const last = list.children.length - 1;
    if (event.key === "ArrowDown") choose(chosen >= last ? 0 : chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen <= 0 ? last : chosen - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen >= 0) location.assign(list.children[chosen].dataset.address);
    else return;
    event.preventDefault();
  });
  // Before the box loses the focus, which would close the list.
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[data-address]");
    if (option) location.assign(option.dataset.address);
  });
}

for (const box of document.querySelectorAll("[data-suggest]")) attach(box);
