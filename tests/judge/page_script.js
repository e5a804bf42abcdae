/**
 * Runs in the page: put the note's body into it, and look at what is shown.
 *
 * `showNote` builds, `lookAtNote` reports; render_note.mjs calls both. DOMPurify
 * and mermaid stand in the page already. Obsidian sanitises with DOMPurify too.
 */
"use strict";

/** Show a note; returns what the sanitiser took away, and how diagrams fared. */
async function showNote({ head, html, theme, column, expanded, icons }) {
  document.documentElement.className = theme;
  const main = document.querySelector("main");
  main.style.width = `${column}px`;
  main.innerHTML = head;
  const article = document.querySelector("article");
  const body = DOMPurify.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    FORBID_TAGS: ["style"],
  });
  const sanitised = DOMPurify.removed.map(({ element, attribute }) =>
    element ? `<${element.nodeName.toLowerCase()}>` : `@${attribute?.name}`,
  );
  article.append(body);
  for (const callout of article.querySelectorAll(".callout")) dress(callout, icons);
  article.querySelectorAll(".internal-embed").forEach(embed);
  article.querySelectorAll("li").forEach(showTask);
  const diagrams = await drawDiagrams(article, theme);
  if (expanded) article.querySelectorAll("details").forEach((each) => (each.open = true));
  await document.fonts.ready;
  await Promise.all([...document.images].map(settled));
  return { sanitised, diagrams };
}

/** Give a callout its icon, and make one that folds a `details`. */
function dress(callout, icons) {
  const { callout: kind, fold } = callout.dataset;
  const title = callout.querySelector(".callout-title");
  const words = document.createElement("span");
  words.append(...title.childNodes);
  title.innerHTML = icons[kind] ?? icons.note;
  title.append(words);
  if (!fold) return;
  title.insertAdjacentHTML("beforeend", icons.fold);
  title.lastChild.classList.add("fold");
  callout.replaceWith(as("details", callout, { open: fold === "+" }));
  title.replaceWith(as("summary", title, {}));
}

function as(name, element, properties) {
  const other = Object.assign(document.createElement(name), properties);
  for (const { name: key, value } of element.attributes) other.setAttribute(key, value);
  other.append(...element.childNodes);
  return other;
}

/** A picture of the vault is shown, at the width after its bar; the rest is named. */
function embed(element) {
  const { link, display } = element.dataset;
  if (!/\.(avif|bmp|gif|jpe?g|png|svg|webp)$/i.test(link)) return;
  const picture = document.createElement("img");
  // Encoded part by part: a `#` or `?` in a name is part of the name.
  picture.src = "/" + link.split("/").map(encodeURIComponent).join("/");
  if (/^\d+$/.test(display)) picture.width = Number(display);
  element.replaceWith(picture);
}

/** `[ ]` and `[x]` at the beginning of a list item are boxes to tick. */
function showTask(item) {
  const words = item.firstChild;
  const mark = words?.nodeType === Node.TEXT_NODE && /^\[(.)\]\s/.exec(words.data);
  if (!mark) return;
  const box = document.createElement("input");
  Object.assign(box, { type: "checkbox", checked: mark[1] !== " " });
  words.data = words.data.slice(mark[0].length);
  item.classList.add("task");
  item.prepend(box);
}

const settled = (picture) => picture.decode().catch(() => null);

async function drawDiagrams(article, theme) {
  const sources = [...article.querySelectorAll("pre > code.language-mermaid")];
  if (!sources.length) return [];
  mermaid.initialize({
    startOnLoad: false,
    suppressErrorRendering: true,
    theme: theme === "dark" ? "dark" : "default",
  });
  const diagrams = [];
  for (const code of sources) {
    const place = document.createElement("div");
    code.parentElement.replaceWith(place);
    diagrams.push(await draw(place, code.textContent, diagrams.length));
  }
  return diagrams;
}

async function draw(place, source, number) {
  const folded = place.closest("details:not([open])");
  // mermaid measures its labels, and what is folded has no size.
  if (folded) folded.open = true;
  try {
    place.className = "diagram";
    place.innerHTML = (await mermaid.render(`diagram-${number}`, source)).svg;
    return { error: null, ...measure(place.querySelector("svg")) };
  } catch (error) {
    place.className = "wrong";
    place.textContent = `Error parsing Mermaid diagram!\n\n${error.message}`;
    return { error: error.message.split("\n").slice(0, 2).join(" ") };
  } finally {
    if (folded) folded.open = false;
  }
}

// ---- diagrams ----------------------------------------------------------------

function measure(svg) {
  const { width, height } = svg.getBoundingClientRect();
  const scale = width / svg.viewBox.baseVal.width;
  const sizes = textsIn(svg).map(
    (element) => parseFloat(getComputedStyle(element).fontSize) * scale,
  );
  const nodes = [...svg.querySelectorAll(".node")];
  return {
    nodes: nodes.length,
    arrows: svg.querySelectorAll(".flowchart-link:not(.edge-thickness-invisible)").length,
    width: Math.round(width),
    height: Math.round(height),
    smallestTextPx: rounded(Math.min(...sizes)),
    contrast: rounded(Math.min(...nodes.map(contrastOf))),
  };
}

const rounded = (number) => Math.round(number * 10) / 10;

const textsIn = (element) =>
  [...element.querySelectorAll("*")].filter((each) =>
    [...each.childNodes].some(
      (child) => child.nodeType === Node.TEXT_NODE && child.data.trim(),
    ) && !["STYLE", "style"].includes(each.tagName),
  );

/** Between a node's text and its filling, 1 to 21. Source: WCAG 2, 1.4.3. */
function contrastOf(node) {
  const shape = node.querySelector("rect, polygon, path, circle");
  const [text] = textsIn(node);
  if (!shape || !text) return 21;
  const lights = [getComputedStyle(text).color, getComputedStyle(shape).fill]
    .map(luminance)
    .sort((a, b) => b - a);
  return (lights[0] + 0.05) / (lights[1] + 0.05);
}

function luminance(colour) {
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

// ---- what is seen ------------------------------------------------------------

function lookAtNote() {
  const main = document.querySelector("main");
  const article = document.querySelector("article");
  const all = (selector) => [...article.querySelectorAll(selector)];
  return {
    text: main.innerText,
    headings: all("h1, h2, h3, h4, h5, h6").map((each) => each.innerText),
    addresses: all("a[href]").map((each) => [each.innerText, each.getAttribute("href")]),
    folds: all("details").map(tryFold),
    pictures: all("img").map((each) => ({
      address: each.getAttribute("src"),
      width: each.naturalWidth ? each.width : 0,
    })),
    overflow: findOverflow(),
    height: Math.ceil(main.getBoundingClientRect().bottom),
    // Where a picture of the note may end without cutting through a line.
    ends: all(":scope > :not(h1, h2, h3, h4, h5, h6)").map((each) =>
      Math.ceil(each.getBoundingClientRect().bottom),
    ),
  };
}

/** Click on a callout's title twice, and see whether its content comes and goes. */
function tryFold(callout) {
  const title = callout.querySelector("summary");
  const content = callout.querySelector(".callout-content");
  const isShown = () =>
    content.checkVisibility() && content.getBoundingClientRect().height > 0;
  const isOpen = isShown();
  title.click();
  const isOpenAfterClick = isShown();
  title.click();
  return { title: title.innerText, isOpen, opens: isOpen || isOpenAfterClick };
}

/** What is wider than the column, or is cut off at its edge. */
function findOverflow() {
  const column = document.querySelector("article").getBoundingClientRect();
  return [...document.querySelectorAll("main *")]
    .filter((each) => !each.closest("svg svg, svg *"))
    .filter((each) => {
      const box = each.getBoundingClientRect();
      return box.right > column.right + 1 || box.left < column.left - 1;
    })
    .map((each) => `<${each.tagName.toLowerCase()}> ${each.textContent.slice(0, 40)}`);
}
