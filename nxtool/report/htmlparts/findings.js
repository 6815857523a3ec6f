
"use strict";
const form = document.querySelector("form");
const rows = [...document.querySelectorAll("tr[data-severity]")]
  .map(row => [row, row.dataset.severity, row.textContent.toLowerCase()]);
function filter() {
  const words = form.querySelector("[type=search]").value.toLowerCase().split(/\s+/);
  const wanted = new Set([...form.querySelectorAll(":checked")].map(box => box.value));
  let shown = 0;
  for (const [row, severity, text] of rows) {
    row.hidden = !(wanted.has(severity) && words.every(word => text.includes(word)));
    shown += !row.hidden;
  }
  form.querySelector("output").value =
    shown === rows.length ? `${shown} findings` : `${shown} of ${rows.length} findings`;
}
form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("submit", event => event.preventDefault());
filter();
