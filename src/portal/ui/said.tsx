import type { VNode } from 'preact';
import { languageTag, locale } from '../i18n/locale.ts';
import type { ServiceTexts } from '../messages/service-texts.ts';
import { sayCode, sayError, sayName, serviceTexts } from '../i18n/service-words.ts';
import { withMinutes } from './format.ts';

interface SaidProps {
  kind: Exclude<keyof ServiceTexts, 'error' | 'name'>;
  code: unknown;
  params: unknown;
  /** As the service says it: what is shown where this portal knows no other words. */
  english: string;
}

/** A sentence of the service in the reader's tongue. */
export function Said({ kind, code, params, english }: SaidProps): VNode {
  const texts = serviceTexts(locale.value);
  const text = texts && sayCode(texts[kind], code, params, texts);
  return text === undefined ? (
    <span lang="en">{withMinutes(english, languageTag())}</span>
  ) : (
    <span>{text}</span>
  );
}

/** The same as text alone, for a title. */
export function said({ kind, code, params, english }: SaidProps): string {
  const texts = serviceTexts(locale.value);
  return (texts && sayCode(texts[kind], code, params, texts)) ?? withMinutes(english, languageTag());
}

/** A word that stands in sentences of the service, in the reader's tongue. */
export function saidName(parameter: string, value: string): string {
  const texts = serviceTexts(locale.value);
  return (texts && sayName(texts.name, parameter, value)) ?? value;
}

/** What an error means and what to do, in the reader's tongue, with the service's exact words as a quotation. */
export function ErrorSaid({ code, english }: { code: string; english: string }): VNode {
  const texts = serviceTexts(locale.value);
  const text = texts && sayError(texts.error, code);
  return (
    <>
      {text !== undefined && <p>{text}</p>}
      <p class="error-said" lang="en">
        {english}
      </p>
    </>
  );
}
