import type { VNode } from 'preact';
import { locale, setLocale, t } from '../i18n/locale.ts';
import { Icon } from '../ui/icons.tsx';
import { setTheme, theme, themes } from './theme.ts';

const icons = { system: 'system', light: 'sun', dark: 'moon' } as const;

/** Language and theme, kept in this browser. */
export function Preferences(): VNode {
  const following = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'system';
  const other = locale.value === 'en' ? 'zh' : 'en';
  return (
    <div class="preferences">
      <button
        type="button"
        class="button quiet"
        title={t('theme.now', { theme: t(`theme.${theme.value}`), next: t(`theme.${following}`) })}
        onClick={() => setTheme(following)}
      >
        <Icon name={icons[theme.value]} />
        <span class="sr-only">
          {t('theme.now', { theme: t(`theme.${theme.value}`), next: t(`theme.${following}`) })}
        </span>
      </button>
      <button
        type="button"
        class="button quiet"
        lang={other === 'zh' ? 'zh-CN' : 'en'}
        onClick={() => setLocale(other)}
      >
        {other === 'zh' ? '中文' : 'English'}
      </button>
    </div>
  );
}
