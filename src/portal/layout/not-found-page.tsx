import type { VNode } from 'preact';
import { t } from '../i18n/locale.ts';
import { LinkButton } from '../ui/button.tsx';
import { Page } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';

export function NotFoundPage(): VNode {
  return (
    <Page title={t('notFound.title')}>
      <Empty title={t('notFound.what')}>
        <LinkButton href="/portal/">{t('notFound.home')}</LinkButton>
      </Empty>
    </Page>
  );
}
