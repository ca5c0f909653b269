/**
 * What each module registers: `behave(selector, start)` runs `start(element)` once for every element that matches, at
 * the start and in whatever htmx swaps in. `words` are the server's translations.
 */

const behaviours = [];
const begun = new WeakMap();
let running = false;

export const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

/** A text in the viewer's language; %s and %d are filled in order. */
export function say(key, ...values) {
  let at = 0;
  return (words[key] ?? key).replace(/%[sd]/g, () => String(values[at++]));
}

/** The text for a number: `key-one` or `key-many`. */
export function sayCount(key, number) {
  return number === 1 ? say(`${key}-one`) : say(`${key}-many`, number);
}

export function behave(selector, start) {
  behaviours.push({ selector, start });
  if (running) apply(document, [behaviours.at(-1)]);
}

function apply(root, list = behaviours) {
  for (const behaviour of list) {
    const found = [...root.querySelectorAll(behaviour.selector)];
    if (root instanceof Element && root.matches(behaviour.selector)) found.unshift(root);
    for (const element of found) {
      const done = begun.get(element) ?? new Set();
      if (done.has(behaviour)) continue;
      begun.set(element, done.add(behaviour));
      behaviour.start(element);
    }
  }
}

/** Starts everything below a node that a script put into the page itself; htmx's own attributes too. */
export function enliven(root) {
  window.htmx?.process(root);
  apply(root);
}

export function ready() {
  running = true;
  apply(document);
  document.addEventListener("htmx:load", (event) => apply(event.detail.elt));
  document.addEventListener("htmx:oobAfterSwap", (event) => apply(event.detail.target));
}

/** Whether what is typed now belongs to a control. */
export function typing(target = document.activeElement) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "reset", "range", "file"].includes(target.type);
}

/** A new element with properties, attributes and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** One of the icons of the page's sprite. */
export function icon(name, classes = "icon") {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", classes);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}
