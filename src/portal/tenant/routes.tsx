import type { VNode } from 'preact';
import { Route } from 'preact-iso';
import { t } from '../i18n/locale.ts';
import type { NavItem } from '../layout/navigation.ts';
import { InstancePage } from './instance-page.tsx';
import { InstancesPage } from './instances-page.tsx';
import { JobPage } from './job-page.tsx';
import { JobsPage } from './jobs-page.tsx';
import { PoliciesPage } from './policies/policies-page.tsx';
import { PolicyPage } from './policies/policy-page.tsx';
import { PointPage } from './point-page.tsx';
import { RestorePage } from './restore-page.tsx';
import { RestoreWizard } from './restore-wizard.tsx';
import { RestoresPage } from './restores-page.tsx';
import { VolumePage } from './volume-page.tsx';
import { VolumesPage } from './volumes-page.tsx';

/** The pages of one project. */
export function tenantRoutes(): VNode[] {
  return [
    <Route path="/portal/instances" component={InstancesPage} />,
    <Route path="/portal/instances/:id/:tab?" component={InstancePage} />,
    <Route path="/portal/volumes" component={VolumesPage} />,
    <Route path="/portal/volumes/:id" component={VolumePage} />,
    <Route path="/portal/points/:id" component={PointPage} />,
    <Route path="/portal/points/:id/restore" component={RestoreWizard} />,
    <Route path="/portal/policies" component={PoliciesPage} />,
    <Route path="/portal/policies/:name" component={PolicyPage} />,
    <Route path="/portal/restores" component={RestoresPage} />,
    <Route path="/portal/restores/:id" component={RestorePage} />,
    <Route path="/portal/jobs" component={JobsPage} />,
    <Route path="/portal/jobs/:id" component={JobPage} />,
  ];
}

export function tenantNavigation(): NavItem[] {
  return [
    { href: '/portal/instances', title: t('instances.title'), icon: 'instance' },
    { href: '/portal/volumes', title: t('volumes.title'), icon: 'volume' },
    { href: '/portal/policies', title: t('policies.title'), icon: 'policy' },
    { href: '/portal/restores', title: t('restores.title'), icon: 'restore' },
    { href: '/portal/jobs', title: t('jobs.title'), icon: 'job' },
  ];
}
