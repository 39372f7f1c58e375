// A query's rows as cards in columns by their state; moving one uploads a record, and what is refused comes back.

import { createRecord } from '../changes.js';
import { element, putChildren, setText } from '../dom.js';
import { t } from '../i18n.js';
import { mayCreate } from '../people/rights.js';
import { caller } from '../people/session.js';
import { ring } from './bell.js';
import { memberTitle, nodeOf, textOf } from './formats.js';
import { Outcome } from './outcome.js';
import { filledIn } from './query.js';
import { QueryPanel } from './query_panel.js';

export class BoardPanel extends QueryPanel {
  constructor(spec, context) {
    super(spec, context);
    this.kind = this.kindOf(spec.row?.kind) ?? this.source;
    this.cards = new Map(); // by key
    this.columns = spec.columns.map((state) => new Column(this, state));
    this.board = element('div', { 'class': 'board', 'data-large': spec.large }, ...this.columns.map(({ node }) => node));
    this.bell = element('button', {
      'type': 'button', 'class': 'button small plain', 'aria-pressed': 'false', 'onclick': () => this.toggleSound(),
    });
    if (spec.sound) this.tools.append(this.bell);
  }

  /** Off, until somebody wants to hear of new cards. */
  get isHeard() {
    return this.bell.getAttribute('aria-pressed') === 'true';
  }

  toggleSound() {
    this.bell.setAttribute('aria-pressed', String(!this.isHeard));
    if (this.isHeard) ring();
  }

  render() {
    setText(this.bell, t('board.sound'));
    super.render();
  }

  /** Empty columns are seen as such. */
  isEmpty() {
    return false;
  }

  get mayMove() {
    const upload = this.kindOf(this.spec.move?.upload);
    return upload !== undefined && mayCreate(upload, caller());
  }

  draw() {
    const before = this.cards;
    this.cards = new Map(this.rows.map((row) => {
      const key = String(row[this.spec.key ?? this.kind.key]);
      return [key, before.get(key) ?? new Card(this, key)];
    }));
    if (this.isHeard && [...this.cards.keys()].some((key) => !before.has(key))) ring();
    this.rows.forEach((row) => this.cards.get(String(row[this.spec.key ?? this.kind.key])).show(row));
    for (const column of this.columns) column.show([...this.cards.values()].filter(({ state }) => state === column.state));
    this.put(this.board);
  }

  titleOf(state) {
    return textOf(state, { words: this.spec.words });
  }

  /** Where a card of that state can be moved to. */
  statesBehind(state) {
    const { columns, next } = this.spec;
    return next ? [next[state]].filter(Boolean) : columns.filter((other) => other !== state);
  }

  /** What a card says; nothing of what its row does not have. */
  factsOf(row) {
    const { card, formats = {}, tones, words } = this.spec;
    return card.filter((member) => row[member] !== undefined && row[member] !== null).map((member, index) =>
      element(index === 0 ? 'strong' : 'span', { title: memberTitle(this.kind, member) },
        ...[row[member]].flat().map((value) => element('span', {}, nodeOf(value, { as: formats[member], tones, words })))));
  }

  /** `state` is where the card is to go. */
  move(card, state) {
    const { upload, with: constants, to, ask: only } = this.spec.move;
    const kind = this.kindOf(upload);
    const record = { ...filledIn(constants, card.row), [to]: state };
    const send = (asked) => createRecord(kind, { ...record, ...asked });
    const ask = () => this.context.ask({ title: this.titleOf(state), kind, only, send });
    return card.outcome.watch(only ? ask : send, {
      kind, context: this.context, buttons: [...card.moves.querySelectorAll('button')],
    });
  }
}

class Column {
  constructor(board, state) {
    Object.assign(this, { board, state });
    this.title = element('h4', {});
    this.count = element('span', { class: 'note' });
    this.list = element('ul', { class: 'cards' });
    this.node = element('div', {
      'class': 'column', 'data-state': state,
      'ondragover': (event) => this.over(event), 'ondrop': (event) => this.drop(event),
    }, element('div', { class: 'column-head' }, this.title, this.count), this.list);
  }

  show(cards) {
    setText(this.title, this.board.titleOf(this.state));
    setText(this.count, String(cards.length));
    putChildren(this.list, cards.map(({ node }) => node));
  }

  over(event) {
    if (this.board.dragged && this.board.dragged.state !== this.state) event.preventDefault();
  }

  drop(event) {
    event.preventDefault();
    if (this.board.dragged) this.board.move(this.board.dragged, this.state);
  }
}

class Card {
  constructor(board, key) {
    Object.assign(this, { board, key, shown: '' });
    this.outcome = new Outcome();
    this.facts = element('div', { class: 'card-facts' });
    this.moves = element('div', { class: 'row-buttons' });
    this.node = element('li', {
      'class': 'board-card', 'data-key': key,
      'ondragstart': () => { board.dragged = this; }, 'ondragend': () => { board.dragged = null; },
    }, this.facts, this.moves, this.outcome.node);
  }

  get state() {
    return this.row[this.board.spec.column];
  }

  show(row) {
    const { spec, mayMove } = this.board;
    const shown = JSON.stringify([row, mayMove, document.documentElement.lang]);
    this.row = row;
    if (shown === this.shown) return;
    this.shown = shown;
    this.node.draggable = mayMove;
    this.facts.replaceChildren(...this.board.factsOf(row));
    const name = textOf(row[spec.card[0]]);
    this.moves.replaceChildren(...(mayMove ? this.board.statesBehind(this.state) : []).map((state) => {
      const title = this.board.titleOf(state);
      return element('button', {
        'type': 'button', 'class': 'button small', 'aria-label': t('board.move', { row: name, state: title }),
        'onclick': () => this.board.move(this, state),
      }, title);
    }));
  }
}
