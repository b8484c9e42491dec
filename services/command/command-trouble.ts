/** What whoever called the command can cure: the message says what was expected and what came, the remedy what to do. Shown without a stack. */
export class CommandTrouble extends Error {
  override readonly name = "CommandTrouble";
  readonly remedy: string | undefined;
  /** 2 where 1 would mean that what was to be looked at has mistakes. */
  readonly exitCode: 1 | 2;

  constructor(
    message: string,
    options: ErrorOptions & { readonly remedy?: string | undefined; readonly exitCode?: 1 | 2 } = {},
  ) {
    super(message, options);
    this.remedy = options.remedy;
    this.exitCode = options.exitCode ?? 1;
  }
}
