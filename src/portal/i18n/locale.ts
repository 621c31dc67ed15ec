import { effect, signal } from '@preact/signals';
import { languageTags, translator, type Locale } from './translator.ts';
import { en } from '../messages/en.ts';
import { zh } from '../messages/zh.ts';

const storageKey = 'emberkeep-language';

/** The language of the portal: what was chosen in this browser, else what the browser prefers. */
export const locale = signal<Locale>(firstLocale());

/** The texts of the shell and of the tenant's pages; other parts make their own with `translator`. */
export const t = translator({ en, zh }, () => locale.value);

export function setLocale(chosen: Locale): void {
  locale.value = chosen;
  localStorage.setItem(storageKey, chosen);
}

export function languageTag(): string {
  return languageTags[locale.value];
}

function firstLocale(): Locale {
  const kept = localStorage.getItem(storageKey);
  if (kept === 'en' || kept === 'zh') return kept;
  const preferred = navigator.languages.find((tag) => /^(en|zh)\b/i.test(tag));
  return preferred !== undefined && /^zh\b/i.test(preferred) ? 'zh' : 'en';
}

effect(() => {
  document.documentElement.lang = languageTag();
});
