// The list of recipes while one types: the server's answer takes the place of the hits, the address follows. From three letters.

const SHORTEST = 3;
const PAUSE = 200;
const form = document.querySelector("#search");
const box = form.querySelector("[data-search]");
const results = document.querySelector("#results");
const said = document.querySelector("#results-said");
let timer;
let running;
let shown = box.value.trim();

function address() {
  const parameters = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value.trim()) parameters.append(name, value.trim());
  return `${form.action}${parameters.size ? `?${parameters}` : ""}`;
}

async function find() {
  const wanted = box.value.trim();
  if (wanted.length > 0 && wanted.length < SHORTEST) return;
  running?.abort();
  running = new AbortController();
  const target = address();
  try {
    const answer = await fetch(target, { headers: { "HX-Request": "true" }, signal: running.signal });
    // A query that is half typed may be wrong; that is said when it is sent.
    if (!answer.ok) return;
    results.innerHTML = await answer.text();
    shown = wanted;
    said.textContent = results.querySelector("[data-said]")?.textContent ?? "";
    history.replaceState(null, "", target);
  } catch (error) {
    if (error.name !== "AbortError") location.assign(target);
  }
}

box.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => { if (box.value.trim() !== shown) find(); }, PAUSE);
});
form.querySelector("select").addEventListener("change", find);
// From the box into the hits.
box.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown") return;
  event.preventDefault();
  results.querySelector("[data-row] a")?.focus();
});
