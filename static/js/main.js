// Wiring only.

import { Desk } from './desk.js';
import { byId, setText } from './dom.js';
import { acceptDrops } from './drop.js';
import { RecordForm, sourceOf } from './form/record_form.js';
import { History } from './history.js';
import { onLanguageChange, setLanguage, t, translateDocument } from './i18n.js';
import { Pages } from './pages/pages.js';
import { People } from './people/people.js';
import { isOpenForSignUp } from './people/rights.js';
import { onCallerChange, principal, resume } from './people/session.js';
import { ServiceStatus } from './service_status.js';
import { pause } from './timing.js';

const kTickMs = 500;
const kPatienceMs = 400;

const history = new History((kind) => desk.titleOfKind(kind), {
  onChange: (upload) => {
    if (upload === sending) desk.setBusy(upload.onItsWay);
    if (upload === typed && !upload.onItsWay) form.settle(takeTyped());
    if (upload.problem) desk.markFaults(upload.source, upload.problem.document.errors ?? []);
  },
  askToLogIn: (kind) => people.askToLogIn(kind),
});

let sending = null; // the desk's
let typed = null; // the form's, until it is settled
let owner = null; // who logged in last, and has not left

const desk = new Desk({
  onKinds: (kinds) => {
    people.start(kinds ?? []);
    pages.start(kinds);
  },
  onKind: (kind) => pages.choose(kind),
  onSend: async (chosen) => {
    if (await people.letIn(chosen.kind)) sending = send(chosen);
  },
  onByHand: async (kind) => {
    if (principal() === null && isOpenForSignUp(kind)) return people.signUp.ask(kind);
    if (await people.letIn(kind)) form.open(kind);
  },
});
const people = new People();
const pages = new Pages({ askToLogIn: (kind) => people.askToLogIn(kind), reload: () => desk.load() });
const serviceStatus = new ServiceStatus();
const form = new RecordForm((kind, record) => { typed = send(sourceOf(kind, record)); });

function send(chosen) {
  const upload = history.add(chosen);
  upload.send();
  byId('uploads').scrollTo(0, 0);
  byId('uploads').querySelector('summary').scrollIntoView({ block: 'nearest' });
  return upload;
}

function takeTyped() {
  const upload = typed;
  typed = null;
  return upload;
}

function showOffline() {
  setText(byId('offline'), t('offline'));
  byId('offline').hidden = navigator.onLine;
}

/** What was sent or typed under a name stays when a session is over; it goes when its owner does, or another one comes. */
function callerChanged(why) {
  const name = principal();
  if (why === 'left' || (name && owner && name !== owner)) {
    history.forgetGuarded();
    form.forget();
    desk.clear();
  }
  owner = why === 'left' ? null : name ?? owner;
  desk.callerChanged();
  pages.callerChanged();
}

acceptDrops((dragging) => desk.setDragging(dragging), (files) => desk.take(files));

for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => setLanguage(button.dataset.language));
}
onLanguageChange(() => {
  desk.render();
  form.forget();
  people.translate();
  history.translate();
  pages.translate();
  serviceStatus.render();
  showOffline();
});

window.addEventListener('offline', showOffline);
window.addEventListener('online', () => {
  showOffline();
  desk.loadIfMissing();
});
setInterval(() => {
  if (document.hidden) return;
  history.tick();
  pages.tick();
}, kTickMs);

onCallerChange(callerChanged);
translateDocument();
showOffline();
const loaded = Promise.all([desk.load(), resume()]).then(() => history.restore());
// Shown when it is complete, so that nothing moves; unless that takes too long.
Promise.race([loaded, pause(kPatienceMs)]).then(() => { document.documentElement.dataset.ready = ''; });
