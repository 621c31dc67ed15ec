import type { ComponentChildren, VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { t } from '../i18n/locale.ts';

export interface Crumb {
  title: string;
  href: string;
}

interface PageProps {
  title: string;
  /** The pages above this one. */
  crumbs?: readonly Crumb[];
  /** Beside the title, such as a state. */
  aside?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
}

/** The frame of every page: where one is, its heading, what can be done, and its name in the window's title. */
export function Page({ title, crumbs = [], aside, actions, children }: PageProps): VNode {
  useEffect(() => {
    document.title = `${title} - Emberkeep`;
  }, [title]);
  return (
    <>
      {crumbs.length > 0 && (
        <nav class="crumbs" aria-label={t('nav.crumbs')}>
          <ol>
            {crumbs.map((crumb) => (
              <li key={crumb.href}>
                <a href={crumb.href}>{crumb.title}</a>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <div class="page-head">
        <h1>{title}</h1>
        {aside}
        {actions !== undefined && <div class="page-actions">{actions}</div>}
      </div>
      {children}
    </>
  );
}

/** A part of a page with a heading of its own. */
export function Card({
  title,
  actions,
  children,
}: Partial<PageProps> & { children: ComponentChildren }): VNode {
  return (
    <section class="card">
      {title !== undefined && (
        <div class="card-head">
          <h2>{title}</h2>
          {actions !== undefined && <div class="page-actions">{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

/** Names and values, as a description list. */
export function Facts({
  facts,
}: {
  facts: readonly (readonly [name: string, value: ComponentChildren])[];
}): VNode {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export interface Tab {
  id: string;
  title: string;
  href: string;
}

/** Parts of one thing, each with an address of its own. */
export function Tabs({
  label,
  tabs,
  current,
}: {
  label: string;
  tabs: readonly Tab[];
  current: string;
}): VNode {
  return (
    <nav class="tabs" aria-label={label}>
      <ul>
        {tabs.map(({ id, title, href }) => (
          <li key={id}>
            <a href={href} aria-current={id === current ? 'page' : undefined}>
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
