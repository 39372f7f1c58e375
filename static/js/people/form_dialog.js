// What the dialogs about people have in common: a form that is sent without leaving the page, one at a time, and one line
// about what went wrong.

import { byId, setText } from '../dom.js';
import { secret } from '../form/secret.js';

export class FormDialog {
  /** `id` of the dialog, and the start of the ids in it; `onSubmit()` may reject with an ApiProblem or a Refusal. */
  constructor(id, { onSubmit = () => {}, onClose = () => {}, wordsOf }) {
    this.id = id;
    this.node = byId(id);
    this.onSubmit = onSubmit;
    this.wordsOf = wordsOf;
    this.secrets = [...this.node.querySelectorAll('input[type=password]')].map((input) => secret(input));
    this.node.addEventListener('submit', (event) => this.submit(event));
    this.node.querySelector('[data-close]').addEventListener('click', () => this.node.close());
    this.node.addEventListener('close', () => {
      this.clearSecrets();
      onClose();
    });
  }

  part(name) {
    return byId(`${this.id}-${name}`);
  }

  open() {
    this.say('');
    if (!this.node.open) this.node.showModal();
  }

  close() {
    this.node.close();
  }

  say(text) {
    setText(this.part('problem'), text);
  }

  submit(event) {
    event.preventDefault();
    this.run(this.onSubmit);
  }

  /** Does it, with the buttons at rest meanwhile, and says why it could not be done. */
  async run(work) {
    if (this.node.getAttribute('aria-busy') === 'true') return;
    this.say('');
    this.setBusy(true);
    try {
      await work();
    } catch (problem) {
      this.say(this.wordsOf(problem));
    } finally {
      this.setBusy(false);
    }
  }

  setBusy(isBusy) {
    this.node.setAttribute('aria-busy', String(isBusy));
  }

  /** Nothing that somebody typed here waits for the next one. */
  clearSecrets() {
    for (const input of this.node.querySelectorAll('.secret input')) input.value = '';
    for (const { hide } of this.secrets) hide();
  }
}
