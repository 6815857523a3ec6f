
"use strict";
const form = document.querySelector("form");
const nodes = [...document.querySelectorAll("#tree details, #tree .leaf")];
const folds = nodes.filter(node => node.localName === "details");
const usual = new Set(folds.filter(node => node.open));
const lines = new Map(nodes.map(node =>
  [node, (node.querySelector(":scope > summary") ?? node).textContent.toLowerCase()]));
function show(words) {
  const found = nodes.filter(node => words.every(word => lines.get(node).includes(word)));
  const wanted = new Set(found);
  for (const node of found)
    for (let up = node.parentElement; up.localName === "details" && !wanted.has(up);
      up = up.parentElement) wanted.add(up);
  for (const node of nodes) node.hidden = !wanted.has(node);
  for (const node of folds) node.open = words.length ? wanted.has(node) : usual.has(node);
  form.querySelector("output").value = words.length ? `${found.length} found` : "";
}
function reveal() {
  const node = document.getElementById(location.hash.slice(1));
  if (!node?.closest("#tree")) return;
  for (let up = node; up; up = up.parentElement) { up.open = true; up.hidden = false; }
  node.scrollIntoView({ block: "center" });
}
form.hidden = false;
form.addEventListener("input", event =>
  show(event.target.value.toLowerCase().split(/\s+/).filter(Boolean)));
form.addEventListener("submit", event => event.preventDefault());
form.addEventListener("click", event => {
  if (event.target.localName === "button")
    for (const node of folds) node.open = event.target.id === "open";
});
window.addEventListener("hashchange", reveal);
reveal();
