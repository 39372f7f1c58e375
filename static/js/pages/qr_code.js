// The one file that knows qrcode-generator, Debian's node-qrcode-generator.

const kLibrary = '/vendor/qrcode-generator/qrcode.js';
const kSpace = 'http://www.w3.org/2000/svg';
const kQuiet = 4; // modules around it that readers ask for

let library = null;

/** Loads it once; it is no module, so by a script of its own. Rejects if it cannot be had. */
function load() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = kLibrary;
    script.onload = () => resolve(globalThis.qrcode);
    script.onerror = () => reject(new Error(kLibrary));
    document.head.append(script);
  });
  return library;
}

/** The text as a picture, dark on light in any colours of the page, for that is what readers know. */
export async function qrCode(text, label) {
  const qrcode = await load();
  qrcode.stringToBytes = qrcode.stringToBytesFuncs['UTF-8'];
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  return picture(code, label);
}

function picture(code, label) {
  const count = code.getModuleCount();
  const size = count + 2 * kQuiet;
  const places = Array.from({ length: count * count }, (_, index) => [Math.floor(index / count), index % count]);
  const dark = places.filter(([row, column]) => code.isDark(row, column));
  const svg = part('svg', {
    'class': 'qr', 'viewBox': `0 0 ${size} ${size}`, 'role': 'img', 'aria-label': label, 'shape-rendering': 'crispEdges',
  });
  svg.append(part('rect', { width: size, height: size, fill: '#ffffff' }),
    part('path', { fill: '#000000', d: dark.map(([row, column]) => `M${column + kQuiet} ${row + kQuiet}h1v1h-1z`).join('') }));
  return svg;
}

function part(tag, attributes) {
  const node = document.createElementNS(kSpace, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
