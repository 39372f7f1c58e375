// Why a file cannot be sent.

/** `values` go into the text `fault.<code>`. */
export class FileFault extends Error {
  constructor(code, values = {}) {
    super(code);
    this.code = code;
    this.values = values;
  }
}
