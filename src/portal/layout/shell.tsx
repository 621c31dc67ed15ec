import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Router, Route, useLocation } from 'preact-iso';
import { t } from '../i18n/locale.ts';
import { SessionBanners } from '../session/session-banners.tsx';
import type { Session, SignInWays } from '../session/session-types.ts';
import { tenantNavigation, tenantRoutes } from '../tenant/routes.tsx';
import { ErrorBox, Loading } from '../ui/states.tsx';
import { Toasts } from '../ui/toast.tsx';
import { useLazyModule, type LazyModule } from './lazy-module.ts';
import type { NavItem } from './navigation.ts';
import { NotFoundPage } from './not-found-page.tsx';
import { OfflineBanner } from './offline-banner.tsx';
import { Sider } from './sider.tsx';
import { Topbar } from './topbar.tsx';

interface ShellProps {
  session: Session;
  ways: SignInWays;
  expired: boolean;
}

/** The administrator's part, as the shell needs it. */
interface AdminPart {
  adminNavigation: () => NavItem[];
  AdminPages: () => VNode;
}

const loadAdmin = (): Promise<AdminPart> => import('../admin/routes.tsx');

/** Everything around the pages, and which page it is. */
export function Shell({ session, ways, expired }: ShellProps): VNode {
  const { path } = useLocation();
  const [siderOpen, setSiderOpen] = useState(false);
  const isAdmin = session.rights.administer || session.rights.see_all_projects;
  const isTenant = session.scope.type === 'project';
  const admin = useLazyModule(loadAdmin, isAdmin);
  useFocusOnNewPage(path);
  const groups = [
    ...(isTenant ? [{ title: t('nav.project'), items: tenantNavigation() }] : []),
    ...(admin.module === undefined ? [] : [{ title: t('nav.cloud'), items: admin.module.adminNavigation() }]),
  ];
  return (
    <>
      <a class="skip" href="#main">
        {t('nav.skip')}
      </a>
      <Sider groups={groups} open={siderOpen} onClose={() => setSiderOpen(false)} />
      <div class="body">
        <Topbar session={session} siderOpen={siderOpen} onMenu={() => setSiderOpen(!siderOpen)} />
        <OfflineBanner />
        <SessionBanners session={session} ways={ways} expired={expired} />
        <main id="main" tabIndex={-1}>
          <Router>
            <Route path="/portal" component={Home} to={isTenant ? '/portal/instances' : '/portal/admin'} />
            {isTenant ? tenantRoutes() : []}
            {isAdmin ? <Route path="/portal/admin/*" component={AdminArea} admin={admin} /> : []}
            <Route default component={NotFoundPage} />
          </Router>
        </main>
      </div>
      <Toasts />
    </>
  );
}

function Home({ to }: { to: string }): VNode {
  const { route } = useLocation();
  useEffect(() => route(to, true), [to]);
  return <Loading />;
}

function AdminArea({ admin }: { admin: LazyModule<AdminPart> }): VNode {
  const { module, error, retry } = admin;
  if (module !== undefined) return <module.AdminPages />;
  return error === undefined ? <Loading /> : <ErrorBox error={error} onRetry={retry} />;
}

/** Keyboard and screen reader begin at the new page, as they would had the browser loaded it. */
function useFocusOnNewPage(path: string): void {
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    document.getElementById('main')?.focus({ preventScroll: true });
  }, [path]);
}
