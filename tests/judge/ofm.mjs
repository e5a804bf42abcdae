/**
 * A small, strict model of Obsidian's Markdown: what in a note acts, and how.
 *
 * It is a model, not Obsidian. It follows Obsidian's help (callouts, links,
 * comments), the expression for tags in its app.js (obsidian-help issue 816), and
 * yaml 2.7.0, the YAML library of Obsidian 1.9 and later. In doubt it reports too
 * much: what it finds inert is inert.
 *
 * `analyse(source)` is the whole of it; its answer is described at `emptyFacts`.
 */
import MarkdownIt from "markdown-it";
import footnote from "markdown-it-footnote";
import mark from "markdown-it-mark";
import YAML from "yaml";

const TAG =
  /^#[^\u2000-\u206F\u2E00-\u2E7F'!"#$%&()*+,.:;<=>?@^`{|}~[\]\\\s]+/;

/** The tag at the start of `text`, or null; one of digits alone is none. */
export function tagAt(text) {
  const tag = TAG.exec(text)?.[0] ?? "";
  return tag.length > 1 && !/^#[0-9]+$/.test(tag) ? tag : null;
}

const CALLOUT_TYPES = new Set([
  "note", "abstract", "info", "todo", "tip", "success", "question", "warning",
  "failure", "danger", "bug", "example", "quote",
]);
const CALLOUT_ALIASES = {
  summary: "abstract", tldr: "abstract", hint: "tip", important: "tip",
  check: "success", done: "success", help: "question", faq: "question",
  caution: "warning", attention: "warning", fail: "failure", missing: "failure",
  error: "danger", cite: "quote",
};

/** Everything in a note's body that is more than text. */
function emptyFacts() {
  return {
    links: [],     // [[x]] and [x](x.md): {link, path, subpath, display}
    embeds: [],    // ![[x]]
    tags: [],      // #x, also those in comments
    callouts: [],  // {type, shown, fold, title, level}
    fences: [],    // the language of each code block
    mermaid: [],   // {line, source, closed}
    comments: [],  // %% x %%: {text, unclosed}
    math: [], html: [], images: [], code: [], urls: [], headings: [],
    blocks: [],    // ^ids
    fields: [],    // Dataview's `name:: value`
    footnotes: 0,
    tasks: 0,
  };
}

/** Read a note: {facts, html}, where html is what a reader would see. */
export function analyse(source) {
  const properties = readProperties(source);
  const facts = {
    ...emptyFacts(),
    hasFrontmatter: properties.found,
    properties: properties.data,
    yamlErrors: properties.errors,
    frontmatterLinks: linksInProperties(properties.data),
    frontmatterTags: tagsInProperties(properties.data),
  };
  const body = takeComments(properties.body, facts);
  facts.hidden = readHidden(facts.comments);
  facts.tags.push(...facts.hidden.tags);
  facts.links.push(...facts.hidden.links);

  const markdown = obsidianMarkdown(facts, body.split("\n"), properties.lines);
  const env = {};
  const tokens = markdown.parse(body, env);
  collectFromTokens(tokens, facts, properties.lines);
  const html = markdown.renderer.render(tokens, markdown.options, env);
  facts.footnotes = env.footnotes?.list?.length ?? 0;
  facts.allTags = [...new Set([...facts.frontmatterTags, ...facts.tags])];
  return { facts, html };
}

// ---- properties ------------------------------------------------------------

function readProperties(source) {
  const block =
    /^---[ \t]*\r?\n(?:([\s\S]*?)\r?\n)?---[ \t]*(?:\r?\n|$)/.exec(source);
  if (!block) {
    return { found: false, body: source, data: null, errors: [], lines: 0 };
  }
  const { data, errors } = readYaml(block[1] ?? "");
  return {
    found: true,
    body: source.slice(block[0].length),
    data,
    errors,
    lines: block[0].split("\n").length - 1,
  };
}

function readYaml(text) {
  const document = YAML.parseDocument(text);
  const errors = document.errors.map((error) => error.message.split("\n")[0]);
  if (errors.length) return { data: null, errors };
  try {
    const data = document.toJS();
    const isMapping = typeof data === "object" && !Array.isArray(data);
    return isMapping
      ? { data, errors }
      : { data: null, errors: ["properties are not a mapping"] };
  } catch (error) {
    return { data: null, errors: [String(error.message)] };
  }
}

/** Only a value that is one link and nothing else counts as a link. */
function linksInProperties(data) {
  const found = [];
  const walk = (value, key) => {
    if (typeof value === "string") {
      const text = value.trim();
      if (WIKILINK.exec(text)?.[0] === text) {
        found.push({ key, ...readLink(text.slice(2, -2)) });
      }
    } else if (value && typeof value === "object") {
      for (const part in value) walk(value[part], key ? `${key}.${part}` : part);
    }
  };
  walk(data, "");
  return found;
}

function tagsInProperties(data) {
  return Object.entries(data ?? {})
    .filter(([key]) => key.toLowerCase() === "tags")
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
    .filter((tag) => typeof tag === "string" || typeof tag === "number")
    .map((tag) => "#" + String(tag).trim().replace(/^#/, ""))
    .filter((tag) => tagAt(tag) === tag);
}

// ---- comments --------------------------------------------------------------

/**
 * Take `%% comments %%` out of the body and into the facts; line ends stay.
 *
 * Exactly two `%` open and close one, not inside code; an open one hides the rest.
 */
function takeComments(body, facts) {
  let kept = "";
  let at = 0;
  let fence = null;
  const keep = (length) => {
    kept += body.slice(at, at + length);
    at += length;
  };
  while (at < body.length) {
    const rest = body.slice(at);
    const edge = at === 0 || body[at - 1] === "\n" ? fenceAt(rest) : null;
    if (edge) {
      fence = fenceAfter(fence, edge);
      keep(edge[0].length);
    } else if (fence) {
      keep(1);
    } else if (body[at] === "\\") {
      keep(2);
    } else if (body[at] === "`") {
      keep(codeLength(rest));
    } else if (/^%%(?!%)/.test(rest) && body[at - 1] !== "%") {
      const end = commentEnd(body, at + 2);
      const text = body.slice(at + 2, end ?? body.length);
      facts.comments.push({ text, unclosed: end === null });
      kept += text.replace(/[^\n]/g, "");
      at = end === null ? body.length : end + 2;
    } else {
      keep(1);
    }
  }
  return kept;
}

function fenceAt(text) {
  return /^((?:[ \t]{0,3}>[ \t]?)*[ \t]*)(`{3,}|~{3,})([^\n]*)/.exec(text);
}

function fenceAfter(open, [, , marks, info]) {
  if (!open) return marks[0] === "`" && info.includes("`") ? null : marks;
  const closes =
    marks[0] === open[0] && marks.length >= open.length && !info.trim();
  return closes ? null : open;
}

/** The length of the inline code at the start of `text`, or of its backticks. */
function codeLength(text) {
  const marks = /^`+/.exec(text)[0];
  const end = text.indexOf(marks, marks.length);
  const isCode =
    end > 0 &&
    text[end + marks.length] !== "`" &&
    !/\n\s*\n/.test(text.slice(0, end));
  return isCode ? end + marks.length : marks.length;
}

function commentEnd(body, from) {
  for (let at = body.indexOf("%%", from); at >= 0; at = body.indexOf("%%", at)) {
    const run = /^%+/.exec(body.slice(at))[0].length;
    if (run === 2) return at;
    at += run;
  }
  return null;
}

/** Obsidian hides a comment, but tags and links in it still count. */
function readHidden(comments) {
  const tags = [];
  const links = [];
  for (const comment of comments) {
    const facts = emptyFacts();
    obsidianMarkdown(facts, [], 0).parse(comment.text, {});
    tags.push(...facts.tags);
    links.push(...facts.links);
  }
  return { tags, links };
}

// ---- markdown --------------------------------------------------------------

const WIKILINK = /^\[\[((?:(?!\]\]|\[\[)[^\n])+?)\]\]/;

/** Take apart what stands between `[[` and `]]`. */
function readLink(inner) {
  const bar = inner.indexOf("|");
  // In a table the bar is written `\|`; the backslash is not part of the name.
  const link = (bar < 0 ? inner : inner.slice(0, bar)).replace(/\\$/, "").trim();
  const hash = link.indexOf("#");
  return {
    link,
    path: hash < 0 ? link : link.slice(0, hash),
    subpath: hash < 0 ? "" : link.slice(hash),
    display: bar < 0 ? null : inner.slice(bar + 1),
  };
}

function obsidianMarkdown(facts, lines, firstLine) {
  const markdown = new MarkdownIt({ html: true, linkify: true, breaks: true });
  markdown.use(footnote).use(mark);
  markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  addWikilinks(markdown, facts);
  addTags(markdown, facts);
  addMath(markdown, facts);
  addCallouts(markdown, facts);
  watchRenderer(markdown, facts, lines, firstLine);
  return markdown;
}

function addWikilinks(markdown, facts) {
  const { escapeHtml } = markdown.utils;
  markdown.inline.ruler.before("link", "wikilink", (state, silent) => {
    const embeds = state.src.startsWith("![[", state.pos);
    const start = state.pos + (embeds ? 1 : 0);
    const match = WIKILINK.exec(state.src.slice(start));
    if (!match) return false;
    if (!silent) {
      const link = readLink(match[1]);
      (embeds ? facts.embeds : facts.links).push(link);
      state.push(embeds ? "obsidian_embed" : "obsidian_link", "", 0).meta = link;
    }
    state.pos = start + match[0].length;
    return true;
  });
  markdown.renderer.rules.obsidian_link = (tokens, i) => {
    const { link, display } = tokens[i].meta;
    const words = display ?? link.replace(/^#/, "").replace(/#/g, " > ");
    return `<a class="internal-link">${escapeHtml(words)}</a>`;
  };
  markdown.renderer.rules.obsidian_embed = (tokens, i) => {
    const [link, display] = [tokens[i].meta.link, tokens[i].meta.display ?? ""].map(
      escapeHtml,
    );
    const data = `data-link="${link}" data-display="${display}"`;
    return `<span class="internal-embed" ${data}>${link}</span>`;
  };
}

function addTags(markdown, facts) {
  markdown.inline.ruler.before("wikilink", "tag", (state, silent) => {
    // A tag may begin behind a blank, but also right behind other markup: in real
    // Obsidian `\[\[#x` holds the tag #x. Hence only plain text before it counts.
    const isInWord = state.pending !== "" && !/\s$/.test(state.pending);
    const tag = isInWord ? null : tagAt(state.src.slice(state.pos));
    if (!tag) return false;
    if (!silent) {
      facts.tags.push(tag);
      state.push("obsidian_tag", "", 0).content = tag;
    }
    state.pos += tag.length;
    return true;
  });
  markdown.renderer.rules.obsidian_tag = (tokens, i) =>
    `<a class="tag">${markdown.utils.escapeHtml(tokens[i].content)}</a>`;
}

function addMath(markdown, facts) {
  markdown.inline.ruler.after("escape", "math", (state, silent) => {
    const marks = /^\$\$?/.exec(state.src.slice(state.pos))?.[0];
    if (!marks) return false;
    const start = state.pos + marks.length;
    let end = state.src.indexOf(marks, start);
    while (end > 0 && state.src[end - 1] === "\\") {
      end = state.src.indexOf(marks, end + marks.length);
    }
    if (end <= start) return false;
    const formula = state.src.slice(start, end);
    const isMoney =
      /^\s|\s$/.test(formula) || /\d/.test(state.src[end + 1] ?? "");
    if (marks === "$" && isMoney) return false;
    if (!silent) {
      facts.math.push(formula);
      state.push("obsidian_math", "", 0).content = formula;
    }
    state.pos = end + marks.length;
    return true;
  });
  markdown.renderer.rules.obsidian_math = (tokens, i) =>
    `<span class="math">${markdown.utils.escapeHtml(tokens[i].content)}</span>`;
}

function addCallouts(markdown, facts) {
  markdown.core.ruler.after("block", "callouts", (state) => {
    const { tokens, Token } = state;
    for (let i = 0; i + 2 < tokens.length; i++) {
      const isQuote =
        tokens[i].type === "blockquote_open" &&
        tokens[i + 1].type === "paragraph_open";
      const words = tokens[i + 2];
      const head =
        isQuote && /^\[!([^\]\n]+)\]([+-]?)[ \t]*([^\n]*)(?:\n|$)/.exec(words.content);
      if (!head) continue;
      const type = head[1].split("|")[0].trim().toLowerCase();
      const shown = CALLOUT_ALIASES[type] ?? type;
      const callout = {
        type,
        shown: CALLOUT_TYPES.has(shown) ? shown : "note",
        fold: head[2],
        title: head[3] || type.charAt(0).toUpperCase() + type.slice(1),
        level: tokens[i].level,
      };
      facts.callouts.push(callout);
      const end = closingQuote(tokens, i);
      tokens[i].type = "callout_open";
      tokens[end].type = "callout_close";
      tokens[i].meta = tokens[end].meta = callout;

      const title = new Token("inline", "", 0);
      Object.assign(title, { content: callout.title, children: [], map: words.map });
      const opened = [new Token("callout_title_open", "", 0), title];
      opened.push(new Token("callout_title_close", "", 0));
      for (const token of opened) token.meta = callout;
      words.content = words.content.slice(head[0].length);
      // A paragraph that held the title alone is gone with it.
      tokens.splice(i + 1, words.content.trim() ? 0 : 3, ...opened);
    }
    return true;
  });
  const { rules } = markdown.renderer;
  rules.callout_open = (tokens, i) =>
    `<div class="callout" data-callout="${tokens[i].meta.shown}"` +
    ` data-fold="${tokens[i].meta.fold}">`;
  rules.callout_close = () => "</div></div>";
  rules.callout_title_open = () => '<div class="callout-title">';
  rules.callout_title_close = () => '</div><div class="callout-content">';
}

function closingQuote(tokens, open) {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (tokens[i].type === "blockquote_open") depth++;
    if (tokens[i].type === "blockquote_close" && --depth === 0) return i;
  }
  throw new Error("a quote without an end: markdown-it never does that");
}

/** Note what the renderer meets: code, diagrams, HTML, pictures. */
function watchRenderer(markdown, facts, lines, firstLine) {
  const { rules } = markdown.renderer;
  const watch = (rule, note) => {
    const original = rules[rule];
    rules[rule] = (tokens, i, ...more) => {
      note(tokens[i]);
      return original ? original(tokens, i, ...more) : tokens[i].content;
    };
  };
  watch("code_inline", (token) => facts.code.push(token.content));
  watch("image", (token) => facts.images.push(token.attrGet("src")));
  watch("html_block", (token) => facts.html.push(token.content.trim()));
  watch("html_inline", (token) => facts.html.push(token.content));
  watch("code_block", (token) => facts.code.push(token.content));
  watch("fence", (token) => {
    const language = token.info.trim().split(/\s+/)[0].toLowerCase();
    facts.fences.push(language || "(plain)");
    facts.code.push(token.content);
    if (language !== "mermaid") return;
    const [first, end] = token.map;
    const last = (lines[end - 1] ?? "").replace(/^[\s>]+/, "").trimEnd();
    facts.mermaid.push({
      line: first + 2 + firstLine,
      source: token.content,
      closed: end - first > 1 && /^(`{3,}|~{3,})$/.test(last),
    });
  });
}

function collectFromTokens(tokens, facts, firstLine) {
  tokens.forEach((token, i) => {
    if (token.type === "heading_open") {
      const line = token.map[0] + 1 + firstLine;
      const text = tokens[i + 1].content;
      facts.headings.push({ level: Number(token.tag[1]), text, line });
    }
    if (token.type === "inline") collectFromText(token, facts);
    const isTask =
      token.type === "list_item_open" &&
      /^\[[^\n]\](\s|$)/.test(tokens[i + 2]?.content ?? "");
    if (isTask) facts.tasks++;
  });
}

const FIELD = /(?:^|\n|\[|\()\s*([^\s[\]()`:][^[\]()`:\n]*)::\s/g;

function collectFromText(token, facts) {
  const block = /(?:^|\s)\^([A-Za-z0-9-]+)\s*$/.exec(token.content);
  if (block) facts.blocks.push(block[1]);
  for (const field of token.content.matchAll(FIELD)) facts.fields.push(field[1]);
  for (const child of token.children ?? []) {
    if (child.type !== "link_open") continue;
    const address = child.attrGet("href");
    if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(address)) {
      facts.urls.push(address);
    } else {
      facts.links.push({ ...readLink(decoded(address)), markdown: true });
    }
  }
}

function decoded(address) {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}
