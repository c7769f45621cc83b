/**
 * The texts of every code that a person can meet: what happened, to what, and what to do, in Vietnamese and English.
 * `{name}` is filled from the details that come with the code.
 */
export interface Message {
  readonly en: string;
  readonly vi: string;
  readonly doEn: string;
  readonly doVi: string;
}

export type Messages = Readonly<Record<string, Message>>;
