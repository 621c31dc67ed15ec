import type { SaidParams } from '../../../domain/planned-restore.ts';
import { noteCodes, noteOf } from '../../../domain/notes.ts';
import { damageReasonOf } from '../../../domain/damage-reasons.ts';
import { findingWordOf } from '../../../domain/finding-words.ts';
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

/**
 * The same with the codes of what are sentences of the service's within it: `reason` then has `reason_code` and `reason_params`.
 */
export function presentNested(params: Record<string, string>): Record<string, unknown> {
  const shown: Record<string, unknown> = { ...params };
  for (const [name, text] of Object.entries(params)) {
    const inner = findingWordOf(text) ?? damageReasonOf(text);
    if (inner === undefined) continue;
    shown[`${name}_code`] = inner.code;
    shown[`${name}_params`] = inner.params;
  }
  return shown;
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
