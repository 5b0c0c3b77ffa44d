// The part of a page that tells how far lint is: asked for until its end, less and less often while nothing changes, and not while
// nobody looks. What has come to an end takes the part's place. Without this, the page has a link to load it anew.

const SHORTEST = 2000;
const LONGEST = 30000;
const FAILURES = 8;
const said = document.querySelector("#live-said");
let part = document.querySelector("[data-live]");
let wait = SHORTEST;
let failures = 0;
let asking = false;
let timer;

// A bar goes on by itself from where the server saw it; past the usual time it only says that something is going on.
function watchBars() {
  const seen = performance.now();
  return [...part.querySelectorAll("progress")].map((bar) => ({ bar, value: bar.value, max: bar.max, seen }));
}

function moveBars() {
  for (const { bar, value, max, seen } of bars) {
    const now = value + performance.now() - seen;
    if (now < max) bar.value = now;
    else bar.removeAttribute("value");
  }
}

// The link keeps its place, so that nothing on the page moves.
function offerReload(isOffered) {
  const link = part.querySelector("[data-reload]");
  if (link) link.style.visibility = isOffered ? "" : "hidden";
}

function adopt() {
  offerReload(false);
  bars = watchBars();
}

// Where the focus was within the part: the control of the same words, or the part itself.
function keepFocus(fresh) {
  const held = document.activeElement;
  if (!part.contains(held)) return () => {};
  const same = [...fresh.querySelectorAll("a, button, summary")].find((each) => each.textContent === held.textContent);
  return () => {
    if (!same) fresh.tabIndex = -1;
    (same ?? fresh).focus();
  };
}

function replace(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html").body.firstElementChild;
  const open = new Set([...part.querySelectorAll("details[open] > summary")].map((each) => each.textContent));
  for (const each of fresh.querySelectorAll("details > summary")) if (open.has(each.textContent)) each.parentElement.open = true;
  const giveBack = keepFocus(fresh);
  part.replaceWith(fresh);
  part = fresh;
  giveBack();
  const words = part.querySelector("[data-said]")?.textContent.trim() ?? "";
  if (said.textContent !== words) said.textContent = words;
}

function stop() {
  clearInterval(moving);
  offerReload(true);
}

async function ask() {
  if (asking) return;
  asking = true;
  try {
    const answer = await fetch(part.dataset.live, { headers: { "If-None-Match": part.dataset.etag }, cache: "no-store" });
    if (answer.status === 304) wait = Math.min(wait * 1.5, LONGEST);
    else if (answer.ok) {
      replace(await answer.text());
      if (!part.dataset.live) return stop();
      adopt();
      wait = SHORTEST;
    } else if (answer.status === 429 || answer.status >= 500) throw new Error(String(answer.status));
    else return stop();
    failures = 0;
  } catch {
    failures += 1;
    if (failures >= FAILURES) return stop();
    wait = Math.min(wait * 2, LONGEST);
  } finally {
    asking = false;
  }
  later();
}

function later() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(ask, wait);
}

let bars = [];
const moving = setInterval(moveBars, 1000);
adopt();
later();
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !part.dataset.live || failures >= FAILURES) return clearTimeout(timer);
  wait = SHORTEST;
  ask();
});
