// The source beside the fields: what is looked for in its text, and how large
// its scan is.
"use strict";

function openSource(form) {
  // Find in the text: each Enter goes to the next place.
  const find = $("[data-find] input", form);
  const paper = $(".paper", form);
  let after = 0;
  function seek() {
    CSS.highlights?.clear();
    const wanted = find.value.toLowerCase();
    const text = paper.textContent.toLowerCase();
    if (!wanted || !CSS.highlights) return;
    let from = text.indexOf(wanted, after);
    if (from < 0) from = text.indexOf(wanted);
    if (from < 0) return;
    after = from + 1;
    const range = document.createRange();
    const walk = document.createTreeWalker(paper, NodeFilter.SHOW_TEXT);
    for (let seen = 0, node; (node = walk.nextNode()); seen += node.length) {
      if (from >= seen && from < seen + node.length) range.setStart(node, from - seen);
      if (from + wanted.length <= seen + node.length) {
        range.setEnd(node, from + wanted.length - seen);
        break;
      }
    }
    CSS.highlights.set("found", new Highlight(range));
    range.startContainer.parentElement.scrollIntoView({ block: "center" });
  }
  find?.addEventListener("input", () => { after = 0; seek(); });
  find?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    seek();
  });

  // Zoom of the scan.
  const zoom = $("[data-zoom]", form);
  const sheets = $$(".sheet", form);
  if (zoom && sheets.length) {
    zoom.hidden = false;
    let wide = 1;
    zoom.addEventListener("click", (event) => {
      const by = Number(event.target.closest("button")?.value);
      if (!by) return;
      wide = Math.min(4, Math.max(0.5, wide * (by > 0 ? 1.25 : 0.8)));
      for (const sheet of sheets) { sheet.style.maxWidth = `${640 * wide}px`; sheet.style.width = wide > 1 ? `${100 * wide}%` : ""; }
    });
  }
}
