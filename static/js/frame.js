// What every page can do beside what HTML does: copy commands, say times in the reader's zone, and answer to keys.
// Nothing here is needed to use the site.

// What the server has written on the page: words in its language, and the account's time zone where it has chosen one.
const copyWords = document.documentElement.dataset;

for (const box of document.querySelectorAll(".copyable")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet copy";
  button.textContent = copyWords.copy;
  button.addEventListener("click", async () => {
    // Prompts and titles are for the eye; a command is a <code>.
    const text = [...box.querySelectorAll("code")].map((code) => code.textContent).join("\n");
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = copyWords.copied;
    } catch {
      // Without permission (or over plain HTTP) the text is selected: Ctrl-C does the rest.
      getSelection().selectAllChildren(box.querySelector("pre"));
    }
    setTimeout(() => { button.textContent = copyWords.copy; }, 2000);
  });
  box.append(button);
}

for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.getTime())) {
    time.title = at.toLocaleString(document.documentElement.lang, {
      dateStyle: "full", timeStyle: "long", timeZone: document.documentElement.dataset.zone,
    });
  }
}

// A table that is wider than the screen is scrolled by keys as well, where the browser does not see to it itself.
const looker = new ResizeObserver((entries) => {
  for (const { target } of entries) if (target.scrollWidth > target.clientWidth) target.tabIndex = 0; else target.removeAttribute("tabindex");
});
for (const box of document.querySelectorAll(".scroll:not([tabindex])")) looker.observe(box);

const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const now = rows.indexOf(document.activeElement.closest("[data-row]") ?? document.activeElement);
  const next = rows[now < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(now + by, 0), rows.length - 1)];
  (next?.matches("a") ? next : next?.querySelector("a"))?.focus();
}

const KEYS = {
  "/": () => {
    const box = document.querySelector("[data-search]") ?? document.querySelector(".header-search input");
    box?.focus();
    box?.select();
  },
  "?": () => document.querySelector("#keys")?.showModal(),
  j: () => step(1),
  k: () => step(-1),
};

// Single keys as shortcuts get in the way of some who speak to their machine: WCAG 2.2, 2.1.4. The chooser turns them off.
if (document.documentElement.dataset.keys !== "off") {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || isTyping(event.target)) return;
    if (event.key in KEYS && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      KEYS[event.key]();
    }
  });
}
