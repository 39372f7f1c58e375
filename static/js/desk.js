// The left side of the page: choosing a kind and a file, seeing its records, sending them.

import { fetchKinds, fetchSample } from './api.js';
import { announce, byId, element, icon, setText } from './dom.js';
import { fileFaultText, problemView } from './faults.js';
import { bytes, counted, t, titleOf } from './i18n.js';
import { kMaxContentBytes } from './limits.js';
import { mayCreate } from './people/rights.js';
import { caller } from './people/session.js';
import { markFaults, showSheet } from './sheet.js';
import { describe, inspect } from './source.js';
import { inspectTable } from './table_source.js';

const hasFlags = ({ views = [] }) => views.some(({ name }) => name === 'flags');

/** With the kinds that are watched first. */
const inOrder = (kinds) => [...kinds].sort((one, other) => hasFlags(other) - hasFlags(one));

const kIcons = { reading: 'file', ready: 'file', faulty: 'alert', unavailable: 'alert' };

export class Desk {
  /**
   * `onKinds(kinds)` once they are known, null when they cannot be had, `onKind(kind)` when another one is chosen, `onSend({kind, source,
   * summary, slices})` when the button is pressed, `onByHand(kind)` for a record without a file.
   */
  constructor(events) {
    this.events = events;
    this.kinds = [];
    this.kind = null;
    this.state = 'loading'; // unavailable, empty, reading, ready, faulty
    this.source = null;
    this.summary = null;
    this.slices = [];
    this.fault = null;
    this.errors = [];
    this.busy = false;
    this.reading = new AbortController();
    byId('file').addEventListener('change', (event) => this.takeChosen(event.target));
    byId('kind').addEventListener('change', (event) => this.chooseKind(event.target.value));
    byId('reload').addEventListener('click', () => this.load());
    byId('by-hand').addEventListener('click', () => this.events.onByHand(this.kind));
    byId('send').addEventListener('click', () => this.events.onSend(this));
  }

  async load() {
    this.show('loading');
    try {
      this.kinds = inOrder(await fetchKinds());
    } catch {
      return this.missKinds();
    }
    if (this.kinds.length === 0) return this.missKinds();
    this.events.onKinds(this.kinds);
    this.setKind(this.kinds[0]);
    this.show('empty');
  }

  missKinds() {
    this.events.onKinds(null);
    this.show('unavailable');
  }

  /** Once the network is back. */
  loadIfMissing() {
    if (this.state === 'unavailable') this.load();
  }

  titleOfKind(name) {
    return titleOf(this.kinds.find((kind) => kind.name === name)?.title);
  }

  setKind(kind) {
    this.kind = kind;
    this.events.onKind(kind);
  }

  chooseKind(name) {
    this.setKind(this.kinds.find((kind) => kind.name === name));
    if (this.source) this.take([this.source.file]);
    else this.render();
  }

  takeChosen(input) {
    this.take([...input.files]);
    input.value = ''; // so that the same file, corrected, can be chosen again
  }

  /** Reads what was chosen or dropped. A later choice ends the reading of an earlier one. */
  async take(files) {
    if (!this.kind || files.length === 0) return;
    this.reading.abort();
    this.reading = new AbortController();
    this.source = describe(files[0]);
    this.errors = [];
    if (files.length > 1) return this.finish({ fault: { code: 'several', values: {} } });
    if (this.source.fault) return this.finish(this.source);
    this.show('reading');
    const { source, reading: { signal } } = this;
    this.finish(await (source.format === 'csv' ? inspectTable(source, this.kind, signal) : inspect(source, this.kind.key, signal)));
  }

  async takeSample(kind, sample) {
    this.setKind(kind);
    try {
      this.take([await fetchSample(sample)]);
    } catch {
      this.source = { file: new File([], sample.file) };
      this.finish({ fault: { code: 'unreachable', values: {} } });
    }
  }

  finish({ format = this.source.format, summary = null, slices = [], fault = null }) {
    this.source.format = format;
    this.summary = summary;
    this.slices = slices;
    this.fault = fault;
    this.show(fault ? 'faulty' : 'ready');
    announce(`${byId('drop-title').textContent}. ${byId('drop-note').textContent}`);
  }

  /** While an upload of this desk is on its way, a second press must not send the file twice. */
  setBusy(busy) {
    this.busy = busy;
    this.renderSend();
  }

  /** Shows the faults of a refused upload in the table, if its file is still the one on the desk. */
  markFaults(source, errors) {
    if (source !== this.source) return;
    this.errors = errors;
    markFaults(errors);
  }

  /** Somebody else may ask what a table is understood as. */
  callerChanged() {
    if (this.fault?.code === 'table_locked' && this.state === 'faulty' && caller()) this.take([this.source.file]);
    else this.render();
  }

  /** As it was at first. */
  clear() {
    if (this.state !== 'reading' && this.state !== 'ready' && this.state !== 'faulty') return;
    this.reading.abort();
    this.source = null;
    this.errors = [];
    this.show('empty');
  }

  setDragging(dragging) {
    byId('drop').toggleAttribute('data-dragging', dragging);
    setText(byId('drop-title'), dragging ? t('desk.release') : this.dropTitle());
  }

  show(state) {
    this.state = state;
    if (state !== 'ready') this.summary = null;
    this.render();
  }

  render() {
    byId('drop').dataset.state = this.state;
    byId('drop-icon').setAttribute('href', `/icons.svg#${kIcons[this.state] ?? 'tray'}`);
    setText(byId('drop-title'), this.dropTitle());
    setText(byId('drop-note'), this.dropNote());
    setText(byId('file-label'), this.source ? t('desk.change') : t('desk.choose'));
    byId('file').disabled = this.kind === null;
    byId('reload').hidden = this.state !== 'unavailable';
    byId('file-label').hidden = byId('by-hand').hidden = this.state === 'unavailable';
    this.renderKinds();
    this.renderSamples();
    this.renderSend();
    showSheet(this.summary, this.sheetHint(), this.kind?.account?.password);
    markFaults(this.errors);
  }

  /** In the place of records: what is wrong with a table, where it is. */
  sheetHint() {
    if (this.state !== 'faulty') return t('sheet.empty');
    return this.fault.code === 'table' ? problemView(this.fault.problem, 0) : t('sheet.faulty');
  }

  dropTitle() {
    const file = this.source?.file.name;
    const titles = { reading: 'desk.reading', faulty: 'desk.faulty' };
    if (this.state === 'ready') return file;
    return t(titles[this.state] ?? `desk.${this.state}`, { file });
  }

  dropNote() {
    if (this.state === 'ready') return `${counted('records', this.summary.count)} · ${bytes(this.source.file.size)}`;
    if (this.state === 'faulty') return fileFaultText(this.fault);
    if (this.state === 'unavailable') return t('desk.unavailable.note');
    return t('desk.formats', { limit: bytes(kMaxContentBytes) });
  }

  renderKinds() {
    byId('kind-choice').hidden = this.kinds.length < 2;
    byId('kind').replaceChildren(...this.kinds.map((kind) =>
      element('option', { value: kind.name, selected: kind === this.kind }, this.titleWithLock(kind))));
  }

  titleWithLock(kind) {
    const title = titleOf(kind.title);
    return mayCreate(kind, caller()) ? title : t(caller() ? 'kind.not_yours' : 'kind.locked', { kind: title });
  }

  /** Those of every kind, each kind's behind its name. */
  renderSamples() {
    const chip = (kind, sample) =>
      element('button', { type: 'button', class: 'chip', title: sample.file, onclick: () => this.takeSample(kind, sample) },
        titleOf(sample.title) || sample.file);
    const several = this.kinds.length > 1;
    const lock = (kind) => (mayCreate(kind, caller()) ? [] : [' ', icon('lock')]);
    const name = (kind) =>
      element('span', { 'class': 'note sample-kind', 'aria-hidden': 'true' }, titleOf(kind.title), ...lock(kind));
    byId('samples').replaceChildren(...this.kinds.filter(({ samples }) => samples.length > 0).map((kind) =>
      element('li', {}, ...(several ? [name(kind)] : []),
        element('span', { 'class': 'chips', 'role': 'group', 'aria-label': this.titleWithLock(kind) },
          ...kind.samples.map((sample) => chip(kind, sample))))));
  }

  renderSend() {
    const isLocked = this.kind !== null && !mayCreate(this.kind, caller());
    const isForOthers = isLocked && caller() !== null;
    const name = isLocked && !isForOthers ? 'send.locked' : 'send';
    setText(byId('send'), this.kind ? t(name, { kind: titleOf(this.kind.title) }) : t('desk.title'));
    byId('send').disabled = this.state !== 'ready' || this.busy || isForOthers;
    byId('by-hand').disabled = this.kind === null || isForOthers;
    byId('lock').hidden = !isLocked;
    const why = isForOthers ? 'lock.not_yours' : 'lock.log_in';
    setText(byId('lock-note'), isLocked ? t(why, { kind: titleOf(this.kind.title) }) : '');
  }
}
