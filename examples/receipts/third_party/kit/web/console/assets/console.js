// The console's script for every page: keys, local times, the time to undo, and
// lists that follow along. All that it does can be done without it.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const lang = document.documentElement.lang;

// Times as the reader's country writes them, in their zone: a day of this year
// without the year, all of it and the zone's name on hover.
function localise(root) {
  const here = navigator.languages?.find((tag) => tag.slice(0, 2) === lang.slice(0, 2)) ?? lang;
  const clock = { hour: "numeric", minute: "2-digit" };
  const long = new Intl.DateTimeFormat(here, { dateStyle: "medium", timeStyle: "short" });
  const year = new Intl.DateTimeFormat(here, { month: "short", day: "numeric", ...clock });
  const today = new Intl.DateTimeFormat(here, clock);
  const full = new Intl.DateTimeFormat(here, { dateStyle: "full", timeStyle: "long" });
  const now = new Date();
  for (const el of $$("time[datetime]", root)) {
    const at = new Date(el.dateTime);
    if (isNaN(at)) continue;
    el.title = full.format(at);
    if ("title" in el.dataset) continue;
    el.textContent = (at.toDateString() === now.toDateString() ? today : at.getFullYear() === now.getFullYear() ? year : long).format(at);
  }
}

// A decision can be taken back for some seconds: count them down.
function countdown() {
  const flash = $("[data-flash]");
  if (!flash) return;
  const until = Date.now() + 1000 * Number(flash.dataset.flash);
  const shown = $("[data-left]", flash);
  const tick = setInterval(() => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left <= 0) {
      clearInterval(tick);
      flash.hidden = true;
    } else if (shown) {
      shown.textContent = left;
    }
  }, 250);
}

// A second click on a form that was sent does nothing, and a server that is
// away takes nobody off the page: the form stays as it is.
function sendOnce() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.method === "dialog" || form.dataset.sure) return;
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = "1";
    if (await form.send?.(event.submitter)) {
      delete form.dataset.sent;
      return;
    }
    if (!(await reachable())) {
      delete form.dataset.sent;
      return;
    }
    setTimeout(() => delete form.dataset.sent, 4000);
    form.dataset.sure = "1";
    form.requestSubmit(event.submitter);
    delete form.dataset.sure;
  });
  // A page that the browser kept alive is read anew: its work may be done.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

function offline(is) {
  const bar = $("[data-offline]");
  if (bar) bar.hidden = !is;
}

// Whether the server answers; the bar says so when it does not.
async function reachable() {
  let is = false;
  try {
    const answer = await fetch($("link[rel=icon]").href, { cache: "no-store", signal: AbortSignal.timeout(5000) });
    is = answer.status < 502; // a proxy answers for a server that is away
  } catch {}
  offline(!is);
  return is;
}

// Lists and waiting pages read themselves anew while somebody looks at them.
const liveHTML = () => $$("[data-live]").map((part) => part.innerHTML);
let seen = liveHTML();

async function follow() {
  const parts = $$("[data-live]");
  const every = Number(parts[0]?.dataset.live);
  if (!every) return;
  setTimeout(follow, every * 1000);
  if (document.hidden || typing() || $("[name=review]:checked")) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    offline(false);
    if (!answer.ok || answer.redirected) return;
    const fresh = $$("[data-live]", new DOMParser().parseFromString(await answer.text(), "text/html"));
    if (fresh.length !== parts.length) return;
    const at = $$("[data-row-text]").findIndex((row) => row.classList.contains("on"));
    fresh.forEach((part, i) => {
      const html = part.innerHTML;
      if (html === seen[i] || parts[i].contains(document.activeElement)) return;
      seen[i] = html;
      localise(part);
      parts[i].replaceWith(part);
    });
    $$("[data-row-text]")[at]?.classList.add("on");
    sift();
  } catch {
    offline(true);
  }
}

// The search box keeps the rows whose text has what was typed.
function sift() {
  const box = $("[data-find] input[type=search]");
  if (!box) return;
  // What was searched for everywhere is in the rows' texts, if not in the rows.
  const wanted = box.value === box.defaultValue ? "" : box.value.trim().toLocaleLowerCase();
  for (const row of $$("[data-row-text]")) row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted);
  const none = $("[data-none]");
  if (none) none.hidden = !wanted || $$("[data-row-text]").some((row) => !row.hidden);
}

function typing() {
  const at = document.activeElement;
  return !!at && (at.isContentEditable || at.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=file], [type=hidden])"));
}

// Keys. Pages add theirs to this table.
const keys = {
  "?": showKeys,
  "/": () => $("[data-find] input[type=search]")?.focus(),
  j: () => walk(1),
  k: () => walk(-1),
  Enter: () => $("tr.on .act .button, tr.on a")?.click(),
  "g i": () => location.assign("/inbox"),
  "g c": () => location.assign("/cases"),
  "g d": () => location.assign("/deliveries"),
  "g b": () => location.assign("/board"),
};

// showKeys begins at the top: the button that has the focus stands below it all.
function showKeys() {
  $("#keys").showModal();
  $("#keys").scrollTop = 0;
}

function walk(step) {
  const rows = $$("[data-row-text]").filter((row) => !row.hidden);
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.classList.contains("on"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
  rows[at]?.classList.remove("on");
  next.classList.add("on");
  next.scrollIntoView({ block: "nearest" });
}

// A fresh page takes no keys for a moment: they were meant for the one before.
setTimeout(() => (document.documentElement.dataset.ready = "keys"), 300);
let before = "";

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    keys.Escape?.(event);
    const box = document.activeElement?.closest("[data-find]") && document.activeElement;
    if (box) {
      box.value = "";
      box.dispatchEvent(new Event("input"));
      box.blur();
    }
    return;
  }
  if (typing() || $("dialog[open]")) return;
  // A key that is held down, or that was meant for the page before, acts on nothing.
  if (event.repeat && !["j", "k"].includes(event.key)) return;
  if (!document.documentElement.dataset.ready && !["j", "k"].includes(event.key)) return;
  if ($("details.because[open]") && !/^[1-9?]$/.test(event.key)) return;
  const focused = document.activeElement?.matches("a, button, summary, input") ?? false;
  if (event.key === "Enter" && focused && !keys.ownsEnter?.()) return;
  const pair = before + " " + event.key;
  before = event.key;
  setTimeout(() => (before = ""), 1000);
  const act = keys[pair] ?? keys[event.key];
  if (act) {
    event.preventDefault();
    act(event);
    return;
  }
  const button = $$("[data-key]").find((el) => el.dataset.key === event.key && el.checkVisibility());
  if (button) {
    event.preventDefault();
    button.click();
  }
});

document.addEventListener("click", (event) => {
  const help = event.target.closest?.("[data-help]");
  if (help) {
    event.preventDefault();
    help.closest("details").open = false;
    showKeys();
  }
  for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

for (const find of $$("[data-find]")) {
  find.hidden = false;
  find.addEventListener("input", sift);
}
for (const drop of $$("[data-drop]")) {
  const input = $("input", drop);
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); input.files = event.dataTransfer.files; });
}
// Nobody's typing is left behind on a machine that others use.
if (location.search === "?out=1") {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith("edits:")) localStorage.removeItem(key);
  } catch {} // storage is off: nothing was kept
}

localise(document);
countdown();
sendOnce();
setTimeout(follow, 1000 * Number($("[data-live]")?.dataset.live || 0) || 0);
