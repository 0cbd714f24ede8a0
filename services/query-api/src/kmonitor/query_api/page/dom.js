// Elements without markup: whatever a terminal is called, it is only ever text.

export const byId = (id) => document.getElementById(id);

export function h(tag, traits = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(traits)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined).map(String_));
  return element;
}

const String_ = (child) => (child instanceof Node ? child : document.createTextNode(String(child)));

/** Sets text only where it differs: an untouched node costs the browser nothing. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Calls back once in the next frame, however often it was asked to. */
export function once(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; draw(); });
  };
}
