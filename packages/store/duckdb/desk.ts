/** Stages its part of a commit. Whatever fails, the whole database is opened anew: no desk has to know how to go back. */
export interface Desk {
  /** Inside the transaction. */
  append(): void | Promise<void>;
  /** After the commit: what was staged is durable. */
  settle(): void;
  close(): void;
}
