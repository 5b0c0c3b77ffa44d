// Keys of one page: a control that says `aria-keyshortcuts="c"` is pressed by c. In a list it is that of the line with the focus.
// Where the reader has switched keys off, pages say no shortcuts, and nothing here happens.

const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]") || !/^[a-z]$/.test(event.key)) return;
  const meant = `[aria-keyshortcuts="${event.key}"]`;
  const row = document.activeElement.closest("[data-row]");
  const control = row?.querySelector(meant) ?? [...document.querySelectorAll(meant)].find((each) => !each.closest("[data-row]"));
  if (!control) return;
  event.preventDefault();
  if (control.matches("a, button, summary")) control.click();
  else control.focus();
});
