// What all panels have in common: a frame with a title, a state with one line about it that is always there, and what
// stands in the place of what cannot be shown.

import { element, putChildren, setText } from '../dom.js';
import { t, titleOf } from '../i18n.js';
import { caller } from '../people/session.js';

let made = 0;

export class Panel {
  /**
   * `spec` as in page.yaml. `context`: `{kind, kinds, polls, askToLogIn(kind), changed(), flagged(kind, keys), ask(…)}`,
   * and the `row` that the panel stands below, if any (page_view.js).
   */
  constructor(spec, context) {
    this.spec = spec;
    this.context = context;
    this.life = new AbortController();
    this.id = `panel-${++made}`;
    this.note = element('p', { class: 'panel-note', role: 'status' });
    this.heading = element(context.row ? 'h4' : 'h3', { id: `${this.id}-title` });
    this.tools = element('div', { class: 'panel-tools' });
    this.body = element('div', { class: 'panel-body' });
    this.node = this.frame();
    this.node.id = this.id;
    this.node.dataset.as = spec.as;
    if (spec.view) this.node.dataset.view = spec.view;
  }

  frame() {
    const look = this.spec.wide ? 'card panel broad' : 'card panel';
    return element('div', { 'class': look, 'role': 'group', 'aria-labelledby': this.heading.id },
      element('div', { class: 'panel-head' }, this.heading, this.note, this.tools), this.body);
  }

  /** Once it is in its place; `stop()` ends all that it does. */
  start() {
    this.render();
  }

  stop() {
    this.life.abort();
    this.node.remove();
  }

  /** Twice a second, for what runs down by itself. */
  tick() {}

  translate() {
    this.render();
  }

  /** Something has been changed: there is reason to ask at once. */
  again() {}

  kindOf(name) {
    return this.context.kinds.find((kind) => kind.name === name);
  }

  /** loading, empty, ready, locked, unreachable, refused or absent; absent ones are not shown. */
  showState(state) {
    this.node.dataset.state = state;
    this.node.hidden = state === 'absent';
    const notes = { loading: t('panel.loading'), unreachable: t('panel.unreachable') };
    setText(this.note, notes[state] ?? '');
  }

  setTitle(title) {
    setText(this.heading, titleOf(this.spec.title) || titleOf(title));
  }

  put(...nodes) {
    putChildren(this.body, nodes);
  }

  hint(text, ...more) {
    const said = element('p', {}, text);
    const hint = element('div', { class: 'sheet-hint' }, said, ...more);
    if (!this.body.firstChild?.isEqualNode(hint)) this.body.replaceChildren(hint);
  }

  /** In the place of what only others may see. */
  showLocked(kind) {
    this.hint(lockedText(), ...(caller() ? [] : [logInButton(() => this.context.askToLogIn(kind))]));
  }
}

export const lockedText = () => t(caller() ? 'panel.not_yours' : 'panel.locked');

export const logInButton = (onclick) => element('button', { type: 'button', class: 'button small', onclick }, t('people.log_in'));
