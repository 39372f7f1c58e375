// Reads one file away from the page's own thread, so that a large one does not freeze it.

import { FileFault, readText, summarise } from './records.js';

self.onmessage = async ({ data }) => {
  try {
    const text = await readText(data.file, data.gzipped);
    self.postMessage({ summary: summarise(text, data.format, data.keyField) });
  } catch (error) {
    const known = error instanceof FileFault;
    if (!known) console.error(error);
    self.postMessage({ fault: { code: known ? error.code : 'unreadable', values: error.values ?? {} } });
  }
};
