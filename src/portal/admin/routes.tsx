import '../styles/admin.css';
import { useEffect } from 'preact/hooks';
import type { VNode } from 'preact';
import { Route, Router, useLocation } from 'preact-iso';
import { NotFoundPage } from '../layout/not-found-page.tsx';
import type { NavItem } from '../layout/navigation.ts';
import { Loading } from '../ui/states.tsx';
import { ApprovalPage } from './approvals/approval-page.tsx';
import { ApprovalsPage } from './approvals/approvals-page.tsx';
import { AuditPage } from './audit-page.tsx';
import { JobPage } from './jobs/job-page.tsx';
import { JobsPage } from './jobs/jobs-page.tsx';
import { OverviewPage } from './overview-page.tsx';
import { NewPolicyPage } from './policies/new-policy-page.tsx';
import { PoliciesPage } from './policies/policies-page.tsx';
import { PolicyPage } from './policies/policy-page.tsx';
import { ProjectPage } from './projects/project-page.tsx';
import { ProjectsPage } from './projects/projects-page.tsx';
import { FindingsPage } from './reconcile/findings-page.tsx';
import { ReconcilePage } from './reconcile/reconcile-page.tsx';
import { StorePage } from './stores/store-page.tsx';
import { StoresPage } from './stores/stores-page.tsx';
import { ta } from './text.ts';

/** The administrators' part of the navigation. */
export function adminNavigation(): NavItem[] {
  return [
    { href: '/portal/admin/overview', title: ta('overview.title'), icon: 'overview' },
    { href: '/portal/admin/projects', title: ta('projects.title'), icon: 'project' },
    { href: '/portal/admin/approvals', title: ta('approvals.title'), icon: 'approval' },
    { href: '/portal/admin/policies', title: ta('policies.title'), icon: 'policy' },
    { href: '/portal/admin/stores', title: ta('stores.title'), icon: 'store' },
    { href: '/portal/admin/jobs', title: ta('jobs.title'), icon: 'job' },
    { href: '/portal/admin/audit', title: ta('audit.title'), icon: 'audit' },
    { href: '/portal/admin/reconcile', title: ta('reconcile.title'), icon: 'search' },
  ];
}

/** Everything under /portal/admin. */
export function AdminPages(): VNode {
  return (
    <Router>
      <Route path="/" component={ToOverview} />
      <Route path="/overview" component={OverviewPage} />
      <Route path="/projects" component={ProjectsPage} />
      <Route path="/projects/:id" component={ProjectPage} />
      <Route path="/approvals" component={ApprovalsPage} />
      <Route path="/approvals/:id" component={ApprovalPage} />
      <Route path="/policies" component={PoliciesPage} />
      <Route path="/new-policy" component={NewPolicyPage} />
      <Route path="/policies/:name" component={PolicyPage} />
      <Route path="/stores" component={StoresPage} />
      <Route path="/stores/:id" component={StorePage} />
      <Route path="/jobs" component={JobsPage} />
      <Route path="/jobs/:id" component={JobPage} />
      <Route path="/audit" component={AuditPage} />
      <Route path="/reconcile" component={ReconcilePage} />
      <Route path="/reconcile/:id" component={FindingsPage} />
      <Route default component={NotFoundPage} />
    </Router>
  );
}

function ToOverview(): VNode {
  const { route } = useLocation();
  useEffect(() => route('/portal/admin/overview', true), []);
  return <Loading />;
}
