// Wiring only.

import { Desk } from './desk.js';
import { byId, setText } from './dom.js';
import { acceptDrops } from './drop.js';
import { History } from './history.js';
import { onLanguageChange, setLanguage, t, translateDocument } from './i18n.js';

const kTickMs = 500;

const history = new History((kind) => desk.titleOfKind(kind), (upload) => {
  if (upload === sending) desk.setBusy(upload.onItsWay);
  if (upload.problem) desk.markFaults(upload.source, upload.problem.document.errors ?? []);
});

let sending = null;
const desk = new Desk((chosen) => {
  sending = history.add(chosen);
  sending.send();
  byId('uploads').firstElementChild.scrollIntoView({ block: 'nearest' });
});

function showOffline() {
  setText(byId('offline'), t('offline'));
  byId('offline').hidden = navigator.onLine;
}

acceptDrops((dragging) => desk.setDragging(dragging), (files) => desk.take(files));

for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => setLanguage(button.dataset.language));
}
onLanguageChange(() => {
  desk.render();
  history.translate();
  showOffline();
});

window.addEventListener('offline', showOffline);
window.addEventListener('online', () => {
  showOffline();
  desk.loadIfMissing();
});
setInterval(() => {
  if (!document.hidden) history.tick();
}, kTickMs);

translateDocument();
showOffline();
desk.load().then(() => history.restore());
document.documentElement.dataset.ready = '';
