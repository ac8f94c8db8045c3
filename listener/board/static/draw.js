// Draws a tree of [tag, class, attributes, ...children] that listener/board/safe.py made.
// Nothing here reads markup: texts become text nodes, elements and attributes are those of the lists below.
import { css } from "./style.js";

const TAGS = new Set(
  "a bdi dd div dl dt h1 h2 h3 li mark ol p span strong table tbody td th thead time tr ul".split(" "),
);
const ATTRIBUTES = new Set(["lang", "dir", "title", "role", "aria-label", "aria-live", "datetime", "colspan"]);
const INSIDE = /^(queue|sources|brands|coverage|incidents|replay|(alert|incident)\?id=\d+)$/;
const SVG = "http://www.w3.org/2000/svg";

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(":scope > .lst");
  if (!root) {
    root = document.createElement("div");
    root.className = "lst";
    parentElement.append(root);
  }
  root.onclick = (event) => {
    const link = event.target.closest("a[data-go]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    setTriggerValue("go", link.dataset.go);
  };
  const focused = root.contains(document.activeElement) ? document.activeElement.dataset?.go : undefined;
  root.replaceChildren(...(data?.nodes ?? []).map(build));
  if (focused !== undefined) {
    [...root.querySelectorAll("a[data-go]")].find((link) => link.dataset.go === focused)?.focus();
  }
}

function build(node) {
  if (typeof node === "string") return document.createTextNode(node);
  const [tag, style, attributes, ...children] = node;
  if (tag === "spark") return spark(attributes.points);
  if (tag === "bars") return bars(attributes);
  if (!TAGS.has(tag)) throw new Error("element not allowed: " + tag);
  const element = document.createElement(tag);
  for (const name of style.split(" ")) if (name) element.classList.add("lst-" + name);
  for (const [name, value] of Object.entries(attributes)) {
    if (tag === "a" && name === "href") address(element, String(value));
    else if (ATTRIBUTES.has(name)) element.setAttribute(name, String(value));
    else throw new Error("attribute not allowed: " + name);
  }
  element.append(...children.map(build));
  return element;
}

function address(element, value) {
  if (INSIDE.test(value)) {
    element.setAttribute("href", value);
    element.dataset.go = value;
  } else if (/^https?:\/\//i.test(value)) {
    element.setAttribute("href", value);
    element.setAttribute("rel", "noopener noreferrer nofollow");
    element.setAttribute("target", "_blank");
  } else {
    throw new Error("address not allowed");
  }
}

// `tall`, `dark`: heights in 0..100 of bars side by side, the dark ones before the others. `marks`: "x:tone x:tone ...",
// vertical lines at x in 0..100. `grey`: x from which nothing is known yet.
function bars({ tall, dark, marks, grey }) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 40");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("lst-bars");
  const numbers = (text) => String(text ?? "").split(" ").filter(Boolean).map(Number);
  const box = (x, width, height, name) => {
    const rect = document.createElementNS(SVG, "rect");
    for (const [key, value] of Object.entries({ x, y: 40 - height, width, height })) rect.setAttribute(key, value.toFixed(3));
    rect.classList.add("lst-bar-" + name);
    svg.append(rect);
  };
  for (const [heights, name] of [[numbers(tall), "tall"], [numbers(dark), "dark"]]) {
    const step = 100 / Math.max(1, heights.length);
    heights.forEach((height, at) => height > 0 && box(at * step, step * 0.86, Math.max(0.8, height * 0.39), name));
  }
  if (grey !== undefined) box(Number(grey), Math.max(0, 100 - Number(grey)), 40, "unknown");
  for (const mark of String(marks ?? "").split(" ").filter(Boolean)) {
    const [at, tone] = mark.split(":");
    const line = document.createElementNS(SVG, "line");
    for (const [key, value] of Object.entries({ x1: at, x2: at, y1: 0, y2: 40 })) line.setAttribute(key, Number(value));
    line.classList.add("lst-mark-" + (tone === "late" ? "late" : "calm"));
    svg.append(line);
  }
  return svg;
}

// Points "x,y x,y ..." in 0..100, y upwards.
function spark(points) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 30");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("lst-spark");
  const line = document.createElementNS(SVG, "polyline");
  const pairs = String(points).split(" ").map((pair) => pair.split(",").map(Number));
  line.setAttribute("points", pairs.map(([x, y]) => `${x},${(29 - y * 0.28).toFixed(2)}`).join(" "));
  svg.append(line);
  return svg;
}
