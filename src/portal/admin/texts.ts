import { locale } from '../i18n/locale.ts';
import { translator } from '../i18n/translator.ts';
import { adminEn } from '../messages/admin.en.ts';
import { adminZh } from '../messages/admin.zh.ts';

/** The texts of the administrator's pages. */
export const ta = translator({ en: adminEn, zh: adminZh }, () => locale.value);
