/** What whoever called the command can cure: the message says what was expected and what came, the remedy what to do. Shown without a stack. */
export class CommandTrouble extends Error {
  override readonly name = "CommandTrouble";
  readonly remedy: string | undefined;

  constructor(message: string, options: ErrorOptions & { readonly remedy?: string } = {}) {
    super(message, options);
    this.remedy = options.remedy;
  }
}
