// Reads one file away from the page's own thread, so that a large one does not freeze it.

import { inspectContent } from './content.js';
import { FileFault } from './file_fault.js';

self.onmessage = async ({ data }) => {
  try {
    self.postMessage(await inspectContent(data));
  } catch (error) {
    const known = error instanceof FileFault;
    if (!known) console.error(error);
    self.postMessage({ fault: { code: known ? error.code : 'unreadable', values: error.values ?? {} } });
  }
};
