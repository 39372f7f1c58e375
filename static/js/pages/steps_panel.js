// One record that somebody begins here, from state to state: of each the panels and the actions that it has.

import { createRecord, replaceRecord } from '../changes.js';
import { announce, element, putChildren, setText } from '../dom.js';
import { t, titleOf } from '../i18n.js';
import { mayCreate } from '../people/rights.js';
import { caller } from '../people/session.js';
import { newUuidV7 } from '../uuid.js';
import { noteText, textOf } from './formats.js';
import { Outcome } from './outcome.js';
import { filledIn } from './query.js';
import { QueryPanel } from './query_panel.js';

export class StepsPanel extends QueryPanel {
  constructor(spec, context) {
    super(spec, context);
    this.kind = this.kindOf(spec.begin.upload);
    this.storedAs = `comporta.begun.${spec.view}`;
    this.outcome = new Outcome();
    this.headline = element('h4', { class: 'step-title', tabindex: '-1' });
    this.about = element('p', { class: 'note' });
    this.place = element('div', { class: 'panels inner' });
    this.buttons = element('div', { class: 'row-buttons' });
    this.foot = element('div', { class: 'step-foot' }, this.outcome.node, this.buttons);
    this.panels = [];
    this.step = null;
  }

  start() {
    this.begun = recall(this.storedAs);
    window.addEventListener('caller', ({ detail }) => detail === 'left' && this.forget(), { signal: this.life.signal });
    super.start();
  }

  listen() {
    if (!this.begun) return;
    this.given = { ...filledIn(this.spec.with), [this.spec.key]: this.begun };
    super.listen();
  }

  /** What was begun here is somebody else's concern, or is there no more. */
  forget() {
    this.asking.abort();
    this.begun = null;
    keep(this.storedAs, null);
    this.poll = { state: 'ready', data: null };
    this.enter(null);
    this.render();
  }

  stop() {
    this.enter(null);
    super.stop();
  }

  again() {
    if (this.begun) super.again();
    for (const panel of this.panels) panel.again();
  }

  tick() {
    for (const panel of this.panels) panel.tick();
  }

  translate() {
    for (const panel of this.panels) panel.translate();
    this.render();
  }

  isEmpty() {
    return false;
  }

  render() {
    if (this.begun && this.poll.state === 'absent') return this.forget();
    if (this.begun) return super.render();
    this.setTitle(this.view?.title);
    this.showState(this.kind ? 'ready' : 'absent');
    if (this.kind && mayCreate(this.kind, caller())) this.show(null, {});
    else if (this.kind) this.showLocked(this.kind);
    return undefined;
  }

  draw(data) {
    const state = data[this.spec.column];
    this.show(this.spec.steps.find(({ when }) => when.includes(state)) ?? null, data);
  }

  /** A step, null where there is none; with what the record is like by now. */
  show(step, data) {
    this.data = data;
    const state = data[this.spec.column];
    const isNext = this.state !== undefined && state !== this.state;
    this.state = state;
    if (step !== this.step) this.enter(step);
    setText(this.headline, titleOf(step?.title) || (state ? textOf(state, { words: this.spec.words }) : ''));
    setText(this.about, step?.note ? noteText(step.note, data) : '');
    this.about.hidden = this.about.textContent === '';
    this.headline.hidden = this.headline.textContent === '';
    this.showButtons(step);
    this.put(this.headline, this.about, this.place, this.foot);
    if (isNext && state) this.tellOf(this.headline);
  }

  /** Whoever has just pressed a button that is gone reads on at the head of what has come. */
  tellOf(headline) {
    announce(headline.textContent);
    if (!document.activeElement?.checkVisibility() || document.activeElement === document.body) headline.focus({ preventScroll: true });
  }

  enter(step) {
    for (const panel of this.panels) panel.stop();
    this.step = step;
    this.panels = (step?.panels ?? []).map((inner) => this.context.make(inner, { ...this.context, row: this.data }));
    this.place.replaceChildren(...this.panels.map(({ node }) => node));
    for (const panel of this.panels) panel.start();
  }

  /** Those of the step and, before the beginning and behind the end, that which begins another. */
  showButtons(step) {
    const { begin, over } = this.spec;
    const actions = (step?.actions ?? []).map((action) => ({ action, run: () => this.act(action) }));
    if (!this.begun || over.includes(this.state)) actions.push({ action: begin, run: () => this.begin() });
    const names = JSON.stringify([this.state, actions.map(({ action }) => titleOf(action.title)), document.documentElement.lang]);
    if (names === this.buttons.dataset.names) return;
    this.buttons.dataset.names = names;
    const leadsOn = (action, index) => action === begin || (index === 0 && actions.length > 1);
    putChildren(this.buttons, actions.map(({ action, run }, index) => element('button', {
      type: 'button', class: leadsOn(action, index) ? 'button primary' : 'button', onclick: run,
    }, titleOf(action.title) || t('steps.begin'))));
  }

  watch(work, kind) {
    return this.outcome.watch(work, { kind, context: this.context, buttons: [...this.buttons.children] });
  }

  act({ upload, with: constants, ask: only, title }) {
    const kind = this.kindOf(upload);
    const record = filledIn(constants, this.data);
    const send = (asked) => createRecord(kind, { ...record, ...asked });
    return this.watch(only ? () => this.context.ask({ title: titleOf(title), kind, only, send }) : () => send({}), kind);
  }

  /** Under a key that nobody else knows. */
  async begin() {
    const key = newUuidV7();
    const isDone = await this.watch(() => replaceRecord(this.kind, key, filledIn(this.spec.begin.with)), this.kind);
    if (!isDone) return;
    this.begun = key;
    keep(this.storedAs, key);
    this.listen();
  }
}

function recall(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

function keep(name, key) {
  try {
    if (key) sessionStorage.setItem(name, key);
    else sessionStorage.removeItem(name);
  } catch {
    // Storage may be refused: then it is known as long as the page.
  }
}
