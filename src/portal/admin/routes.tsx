import type { VNode } from 'preact';
import { Route, Router } from 'preact-iso';
import type { NavItem } from '../layout/navigation.ts';
import { NotFoundPage } from '../layout/not-found-page.tsx';
import { CoveragePage } from './coverage-page.tsx';
import { ta } from './texts.ts';

/** What the navigation shows to who sees every project. */
export function adminNavigation(): NavItem[] {
  return [{ href: '/portal/admin', title: ta('coverage.title'), icon: 'overview' }];
}

/** The pages below /portal/admin, whose paths here begin after it; loaded when they are needed. */
export function AdminPages(): VNode {
  return (
    <Router>
      <Route path="/" component={CoveragePage} />
      <Route default component={NotFoundPage} />
    </Router>
  );
}
