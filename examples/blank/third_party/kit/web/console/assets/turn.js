// The next review comes in the place of this one, without a new page.
"use strict";

// turn puts the page of an answer in this one's place. A page of another kind,
// or with scripts of its own, is left to the browser.
async function turn(answer, address) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const scripts = (of) => $$("script[src]", of).map((script) => script.getAttribute("src")).join();
  const form = $("#review", page);
  if (!form || scripts(page) !== scripts(document)) return location.assign(address);
  document.documentElement.dataset.ready = "";
  if (address !== location.pathname) {
    if (location.pathname === own(document)) history.replaceState({ own: true }, "");
    history.pushState({ own: address === own(page) }, "", address);
  }
  shown = location.pathname;
  document.title = page.title;
  $("[data-flash]")?.remove();
  const flash = $("[data-flash]", page);
  if (flash) $("#main").before(document.adoptNode(flash));
  $("#main").replaceWith(document.adoptNode($("#main", page)));
  localise(document);
  countdown();
  for (const find of $$("[data-find]")) find.hidden = false;
  openReview($("#review"));
  document.dispatchEvent(new Event("turned"));
  scrollTo(0, 0);
  if (!document.activeElement || document.activeElement === document.body) $("#main").focus({ preventScroll: true });
  announce([$("[data-flash] > span")?.textContent, $("h1").textContent].filter(Boolean).join(" · "));
  setTimeout(() => (document.documentElement.dataset.ready = "keys"), 300);
}

// announce says to a screen reader what took the page's place.
function announce(words) {
  let said = $("#said");
  if (!said) {
    said = document.createElement("p");
    Object.assign(said, { id: "said", className: "sr" });
    said.setAttribute("role", "status");
    document.body.append(said);
  }
  said.textContent = words;
}

// own is the address of the review that a page shows.
function own(page) {
  return `/reviews/${$("#review", page)?.dataset.review}`;
}

// Back and forward read the page that they lead to; a place on this one does not.
// Who was quicker than this script has the address of one review and sees another.
let shown = location.pathname;
addEventListener("popstate", () => { if (location.pathname !== shown) location.reload(); });
if ($("#review") && history.state?.own && location.pathname !== own(document)) location.reload();
