import { locale } from '../i18n/locale.ts';
import { translator } from '../i18n/translator.ts';
import { adminEn } from '../messages/admin.en.ts';
import { adminZh } from '../messages/admin.zh.ts';

/** The texts of the administrators' pages, which are loaded with them. */
export const ta = translator({ en: adminEn, zh: adminZh }, () => locale.value);

/** The portal's word for what the service names, such as a state; what is new there stays as it is. */
export function word(prefix: string, name: string): string {
  const key = `${prefix}.${name}`;
  return ta.has(key) ? ta(key) : name;
}
