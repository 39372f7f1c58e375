// Small helpers around the document. Text only ever goes in as text: there is no markup in records.

export const byId = (id) => document.getElementById(id);

/** An element; `attributes` may hold handlers (`onclick`) and booleans, children strings or nodes. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** A decorative picture out of icons.svg. */
export function icon(name) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = svg.appendChild(document.createElementNS(space, 'use'));
  use.setAttribute('href', `/icons.svg#${name}`);
  return svg;
}

/** Makes these the children of `parent`, and moves none that is in its place: what is in focus stays so. */
export function putChildren(parent, nodes) {
  const kept = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!kept.has(child)) child.remove();
  nodes.forEach((node, index) => {
    const there = parent.childNodes[index];
    if (there !== node) parent.insertBefore(node, there ?? null);
  });
}

/** Sets the text only when it differs, so that nothing is announced or selected anew. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Has a screen reader say it, once it is done with what it says. */
export function announce(text) {
  byId('announcer').textContent = text;
}
