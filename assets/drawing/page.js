"use strict";
const svg = document.querySelector("main svg");
const stage = document.getElementById("stage");
const about = document.getElementById("about");
const found = document.getElementById("found");
const nodes = [...svg.querySelectorAll(".node")];
const edges = [...svg.querySelectorAll(".edge")];
const counts = found.textContent;
const full = { width: svg.viewBox.baseVal.width, height: svg.viewBox.baseVal.height };
let scale = 1;

function zoom(to) {
  scale = Math.min(4, Math.max(0.05, to));
  svg.setAttribute("width", full.width * scale);
  svg.setAttribute("height", full.height * scale);
}
function fit() {
  zoom(Math.min(1, stage.clientWidth / full.width, stage.clientHeight / full.height));
}
function show(keep) {
  for (const node of nodes) node.classList.toggle("dim", keep !== null && !keep.has(node.dataset.id));
  for (const edge of edges) {
    edge.classList.toggle("dim", keep !== null && !(keep.has(edge.dataset.from) && keep.has(edge.dataset.to)));
  }
}
function search(text) {
  const wanted = text.trim().toLowerCase();
  about.hidden = true;
  for (const node of nodes) node.classList.remove("hit");
  if (!wanted) { show(null); found.textContent = counts; return; }
  const hits = nodes.filter((node) => node.dataset.id.toLowerCase().includes(wanted));
  for (const node of hits) node.classList.add("hit");
  show(new Set(hits.map((node) => node.dataset.id)));
  found.textContent = hits.length + " found";
  if (hits.length && scale < 0.7) zoom(1);
  if (hits.length) hits[0].scrollIntoView({ block: "center", inline: "center" });
}
function line(list, text) {
  const item = document.createElement("li");
  item.textContent = text;
  list.append(item);
}
function open(node) {
  const id = node.dataset.id;
  const near = edges.filter((edge) => edge.dataset.from === id || edge.dataset.to === id);
  show(new Set([id, ...near.flatMap((edge) => [edge.dataset.from, edge.dataset.to])]));
  about.replaceChildren();
  const head = document.createElement("h2");
  head.textContent = node.dataset.kind + ": " + id;
  const list = document.createElement("ul");
  for (const edge of near) {
    const says = edge.querySelector("text").textContent;
    line(list, edge.dataset.from === id ? says + " → " + edge.dataset.to : edge.dataset.from + " → " + says);
  }
  about.append(head, list);
  about.hidden = false;
}
document.getElementById("find").addEventListener("input", (event) => search(event.target.value));
document.getElementById("in").addEventListener("click", () => zoom(scale * 1.25));
document.getElementById("out").addEventListener("click", () => zoom(scale / 1.25));
document.getElementById("fit").addEventListener("click", fit);
stage.addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  zoom(scale * (event.deltaY < 0 ? 1.1 : 1 / 1.1));
}, { passive: false });
let from = null;
stage.addEventListener("pointerdown", (event) => {
  if (event.button === 0) from = { x: event.clientX, y: event.clientY, left: stage.scrollLeft, top: stage.scrollTop, moved: false };
});
window.addEventListener("pointermove", (event) => {
  if (!from) return;
  const x = event.clientX - from.x, y = event.clientY - from.y;
  if (!from.moved && Math.abs(x) + Math.abs(y) < 5) return;
  from.moved = true;
  stage.classList.add("moving");
  stage.scrollLeft = from.left - x;
  stage.scrollTop = from.top - y;
});
window.addEventListener("pointerup", () => {
  stage.classList.remove("moving");
  if (from && from.moved) window.addEventListener("click", (event) => event.stopPropagation(), { capture: true, once: true });
  from = null;
});
stage.addEventListener("click", (event) => {
  const node = event.target.closest(".node");
  if (node) open(node); else { about.hidden = true; show(null); }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement.id !== "find") { event.preventDefault(); document.getElementById("find").focus(); }
  if (document.activeElement.id !== "find") {
    if (event.key === "+") zoom(scale * 1.25);
    if (event.key === "-") zoom(scale / 1.25);
    if (event.key === "0") fit();
  }
  if (event.key === "Escape") { document.getElementById("find").value = ""; search(""); }
});
fit();
