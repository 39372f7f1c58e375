// Which page is shown: `/` is the desk, with the panels of the kind that is chosen; `/customers/` the page of that path.

import { announce, byId, element } from '../dom.js';
import { t, titleOf } from '../i18n.js';
import { allows } from '../people/rights.js';
import { caller } from '../people/session.js';
import { logInButton } from './panel.js';
import { PageView } from './page_view.js';
import { RecordDialog } from './record_dialog.js';

/** Of a kind that brings no page, beside the desk. */
const kPlainPage = { title: { pt: 'Painel', en: 'Dashboard' }, panels: [{ as: 'latest' }, { as: 'arrivals' }] };

export class Pages {
  /** `askToLogIn(kind)` resolves to whether somebody did; `reload()` asks for the kinds once more. */
  constructor({ askToLogIn, reload }) {
    this.askToLogIn = askToLogIn;
    this.reload = reload;
    this.kinds = null;
    this.chosen = null;
    this.alarm = '';
    this.dialog = new RecordDialog();
    this.view = new PageView(byId('panels'), byId('beside'), {
      askToLogIn, ask: (asked) => this.dialog.ask(asked), setAlarm: (text) => this.setAlarm(text),
    });
    window.addEventListener('popstate', () => this.moved());
    document.addEventListener('click', (event) => this.follow(event));
    this.show();
  }

  /** Once the kinds are known; null when they cannot be had. */
  start(kinds) {
    this.kinds = kinds;
    this.isMissing = kinds === null;
    this.show();
  }

  /** At the desk. */
  choose(kind) {
    this.chosen = kind;
    this.show();
  }

  tick() {
    this.view.tick();
  }

  translate() {
    this.view.translate();
    this.show();
  }

  callerChanged() {
    this.show();
  }

  get path() {
    return window.location.pathname.split('/')[1];
  }

  /** The kind that brings the page of this address. */
  get kind() {
    return this.kinds?.find(({ page }) => page?.path === this.path);
  }

  mayBeSeen(kind) {
    return allows([kind.page.who ?? 'anyone'].flat(), kind, caller());
  }

  /** A link to another page, followed without leaving this one: what is on its way goes on. */
  follow(event) {
    const link = event.target.closest('a[data-page]');
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (link.pathname !== window.location.pathname) window.history.pushState(null, '', link.pathname);
    this.moved();
  }

  moved() {
    this.show();
    window.scrollTo(0, 0);
    byId('main').focus({ preventScroll: true });
    announce(this.title());
  }

  title() {
    return this.path === '' ? t('desk.title') : titleOf(this.kind?.page.title) || t('page.absent');
  }

  setAlarm(text) {
    this.alarm = text;
    const own = this.path === '' ? [] : [this.title()];
    document.title = [...(text ? [text] : own), 'Comporta'].join(' · ');
  }

  show() {
    const isDesk = this.path === '';
    for (const id of ['desk', 'side']) byId(id).hidden = !isDesk;
    byId('main').dataset.place = isDesk ? 'desk' : 'page';
    this.showMenu();
    this.showLost('');
    if (isDesk) this.showDesk();
    else this.showPage();
    this.setAlarm(this.alarm);
  }

  showDesk() {
    if (!this.chosen) return this.view.clear();
    const kind = this.ofFamily(this.chosen);
    this.view.show({ page: kind?.page ?? kPlainPage, kind: kind ?? this.chosen, kinds: this.kinds, chosen: this.chosen, isBeside: true });
  }

  /** The kind itself, or the one of its family that brings a page for all of it. */
  ofFamily(kind) {
    const family = [kind, ...this.kinds.filter((one) => one.family === kind.family)];
    return family.find((one) => one.page && this.mayBeSeen(one));
  }

  showPage() {
    const { kind } = this;
    if (kind && this.mayBeSeen(kind)) return this.view.show({ page: kind.page, kind, kinds: this.kinds, chosen: kind, isBeside: false });
    this.view.clear();
    if (!this.kinds) return this.showLost(t(this.isMissing ? 'desk.unavailable' : 'desk.loading'), this.isMissing ? [this.reloadButton()] : []);
    if (!kind) return this.showLost(t('page.absent'), [deskLink()]);
    const logIn = caller() ? deskLink() : logInButton(() => this.askToLogIn(kind));
    this.showLost(t(caller() ? 'page.not_yours' : 'page.locked', { page: titleOf(kind.page.title) }), [logIn]);
  }

  reloadButton() {
    return element('button', { type: 'button', class: 'button', onclick: this.reload }, t('reload'));
  }

  /** In the place of a page that cannot be shown. */
  showLost(text, more = []) {
    byId('lost').hidden = text === '';
    byId('lost').replaceChildren(element('p', {}, text), ...more);
  }

  showMenu() {
    const kinds = (this.kinds ?? []).filter((kind) => kind.page && this.mayBeSeen(kind));
    const entries = [['/', t('menu.desk')], ...kinds.map(({ page }) => [`/${page.path}/`, titleOf(page.title)])];
    byId('menu').hidden = kinds.length === 0;
    const isShown = (href) => href.split('/')[1] === this.path;
    const links = entries.map(([href, title]) => element('li', {},
      element('a', { href, 'data-page': true, 'aria-current': isShown(href) ? 'page' : null }, title)));
    const list = element('ul', {}, ...links);
    if (byId('menu').firstElementChild?.isEqualNode(list)) return;
    byId('menu').replaceChildren(list);
    list.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }
}

const deskLink = () => element('a', { href: '/', 'data-page': true, 'class': 'button' }, t('menu.desk'));
