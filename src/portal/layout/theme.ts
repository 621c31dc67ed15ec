import { effect, signal } from '@preact/signals';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const storageKey = 'emberkeep-theme';

/** Light or dark as chosen in this browser, else as the system has it. */
export const theme = signal<Theme>(keptTheme());

export function setTheme(chosen: Theme): void {
  theme.value = chosen;
  localStorage.setItem(storageKey, chosen);
}

function keptTheme(): Theme {
  const kept = localStorage.getItem(storageKey);
  return themes.find((one) => one === kept) ?? 'system';
}

effect(() => {
  const root = document.documentElement;
  if (theme.value === 'system') root.removeAttribute('data-theme');
  else root.dataset['theme'] = theme.value;
});
