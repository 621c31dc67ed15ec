import type { SaidParams } from '../../../domain/planned-restore.ts';
import { noteCodes, noteOf } from '../../../domain/notes.ts';
import { snakeKeys } from '../snake-keys.ts';
import { z } from '../zod.ts';

/** What stands in a sentence of the service, beside its code: for who says it in another tongue. */
export const saidParams = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .openapi({ description: 'What stands in the sentence; a part without its parameter is left out.' });

export function presentParams(params: SaidParams): z.input<typeof saidParams> {
  const given = Object.entries(params).filter(([, value]) => value !== undefined);
  return snakeKeys(Object.fromEntries(given)) as z.input<typeof saidParams>;
}

/** A note with what it says, for who says it in another tongue. */
export const saidNoteSchema = z
  .strictObject({
    text: z.string().openapi({ description: 'In English.' }),
    code: z.enum(noteCodes).nullable().openapi({ description: 'null for words that have none.' }),
    params: saidParams,
  })
  .openapi('SaidNote');

export function presentNotes(notes: readonly string[]): z.input<typeof saidNoteSchema>[] {
  return notes.map((text) => {
    const said = noteOf(text);
    return { text, code: said?.code ?? null, params: said?.params ?? {} };
  });
}
