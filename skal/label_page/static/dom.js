// Elements are made here and nowhere else: text enters the page as text, so markup in the data stays letters.

/** Make an element: attributes by name, `text` as its text, `on` as listeners, then its children. */
export function el(tag, { text, on = {}, data = {}, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  for (const [name, value] of Object.entries(data)) element.dataset[name] = value;
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener);
  if (text !== undefined && text !== null) element.textContent = text;
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** A name that may break after `_`, `-`, `/` and `.`, as in card_payment_not_recognised, before it breaks in a word. */
export function breakable(name) {
  const parts = name.match(/[^_./-]*[_./-]*/gu).filter(Boolean);
  return parts.flatMap((part, place) => (place ? [el("wbr"), part] : [part]));
}

/** A key as it is shown on a button. */
export const key = (name) => el("kbd", { text: name, "aria-hidden": "true" });

/** Whether typing goes into this element, so that letters are no commands there. */
export function takesText(element) {
  if (!element) return false;
  if (element.isContentEditable || element.tagName === "TEXTAREA" || element.tagName === "SELECT") return true;
  return element.tagName === "INPUT" && !["checkbox", "radio", "button", "range"].includes(element.type);
}
