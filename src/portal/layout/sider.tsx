import type { VNode } from 'preact';
import { useLocation } from 'preact-iso';
import { t } from '../i18n/locale.ts';
import { Icon } from '../ui/icons.tsx';
import { isUnder, type NavItem } from './navigation.ts';

interface SiderProps {
  /** Groups of pages, each under a heading. */
  groups: readonly { title: string; items: readonly NavItem[] }[];
  open: boolean;
  onClose: () => void;
}

export function Sider({ groups, open, onClose }: SiderProps): VNode {
  const { path } = useLocation();
  return (
    <aside class={open ? 'sider open' : 'sider'} id="sider">
      <div class="brand">
        <svg viewBox="0 0 32 32" aria-hidden="true" class="brand-mark">
          <rect width="32" height="32" rx="7" />
          <path d="M16 6c1 4 6 6 6 12a6 6 0 0 1-12 0c0-3 2-4 2.500-6.500C14 13 15 14 15 16c1.500-2 2-6 1-10z" />
        </svg>
        <span>Emberkeep</span>
        <button type="button" class="button quiet sider-close" onClick={onClose}>
          <Icon name="close" />
          <span class="sr-only">{t('nav.close')}</span>
        </button>
      </div>
      <nav aria-label={t('nav.main')}>
        {groups.map(({ title, items }) => (
          <div class="nav-group" key={title}>
            <h2>{title}</h2>
            <ul>
              {items.map(({ href, title: name, icon }) => (
                <li key={href}>
                  <a href={href} aria-current={isUnder(path, href) ? 'page' : undefined} onClick={onClose}>
                    <Icon name={icon} />
                    {name}
                  </a>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
    </aside>
  );
}
