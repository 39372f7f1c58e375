// A new record, by hand, in a form made from its kind's schema.

import { createRecord } from '../changes.js';
import { element, setText } from '../dom.js';
import { SchemaFields } from '../form/schema_fields.js';
import { t } from '../i18n.js';
import { isAdmin, mayCreate } from '../people/rights.js';
import { caller, principal } from '../people/session.js';
import { newUuidV7 } from '../uuid.js';
import { Outcome } from './outcome.js';
import { Panel } from './panel.js';
import { filledIn } from './query.js';

const kNothing = { text: '', id: '' };

export class FormPanel extends Panel {
  constructor(spec, context) {
    super(spec, context);
    this.kind = this.kindOf(spec.kind) ?? context.kind;
    this.constants = filledIn(spec.with, context.row);
    this.outcome = new Outcome();
    this.place = element('div', { class: 'record-form-fields' });
    this.problem = element('p', { class: 'field-fault', role: 'alert' });
    this.button = element('button', { type: 'submit', class: 'button primary' });
    this.form = element('form', { novalidate: true, onsubmit: (event) => this.submit(event) }, this.place, this.problem,
      element('div', { class: 'form-foot' }, this.outcome.node, this.button));
    this.fields = new SchemaFields(this.place, this.problem, `${this.id}-field`);
    this.sent = kNothing;
    this.owner = principal();
    this.isBuilt = false;
  }

  start() {
    window.addEventListener('caller', ({ detail }) => this.callerChanged(detail), { signal: this.life.signal });
    return this.build();
  }

  /** What was typed stays when a session is over; it goes when its owner does, or another one comes. */
  callerChanged(why) {
    const name = principal();
    if (why === 'left' || (name && this.owner && name !== this.owner)) this.isBuilt = false;
    this.owner = why === 'left' ? null : name ?? this.owner;
    this.build();
  }

  async build() {
    this.render();
    const isForAdmin = isAdmin(caller());
    if (!mayCreate(this.kind, caller()) || (this.isBuilt && isForAdmin === this.isForAdmin)) return;
    this.isForAdmin = isForAdmin;
    this.isBuilt = await this.fields.build(this.kind, {
      isAdmin: isForAdmin, needsPassword: !isForAdmin, except: Object.keys(this.constants), formats: this.context.formatsOf(this.kind),
    });
    this.button.disabled = !this.isBuilt;
  }

  render() {
    this.setTitle(this.kind.title);
    this.showState('ready');
    setText(this.button, t('form.panel.send'));
    if (mayCreate(this.kind, caller())) this.put(this.form);
    else this.showLocked(this.kind);
  }

  async translate() {
    const typed = this.fields.typed();
    this.outcome.say('idle', '');
    this.isBuilt = false;
    await this.build();
    if (this.isBuilt) this.fields.type(typed);
  }

  async submit(event) {
    event.preventDefault();
    const record = this.fields.read();
    if (record === undefined) return this.outcome.say('idle', '');
    const whole = { ...record, ...this.constants };
    const isDone = await this.outcome.watch(() => this.send(whole), { kind: this.kind, context: this.context, buttons: [this.button] });
    if (isDone) this.fields.clear();
  }

  /** The same key for the same record: what is sent again after an answer that got lost is no second one. */
  async send(record) {
    const text = JSON.stringify(record);
    if (text !== this.sent.text) this.sent = { text, id: newUuidV7() };
    try {
      const isApplied = await createRecord(this.kind, record, this.sent.id);
      this.sent = kNothing;
      return isApplied;
    } catch (problem) {
      if (problem.status !== 0 && problem.status !== 503) this.sent = kNothing;
      if (problem.document?.errors) this.fields.showFaults(problem.document.errors);
      throw problem;
    }
  }
}
