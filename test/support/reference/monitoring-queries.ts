/** Every query of deploy/monitoring, with the metrics and labels that it names. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface MonitoringQuery {
  /** An alert's or a panel's name. */
  name: string;
  kind: 'alert' | 'panel';
  expr: string;
}

interface AlertRules {
  groups: { rules: { alert: string; expr: string }[] }[];
}

interface Dashboard {
  panels: { title: string; targets?: { expr: string }[] }[];
}

export function monitoringQueries(): MonitoringQuery[] {
  const rules = parse(readFileSync('deploy/monitoring/alerts.yaml', 'utf8')) as AlertRules;
  const dashboard = JSON.parse(readFileSync('deploy/monitoring/dashboard.json', 'utf8')) as Dashboard;
  return [
    ...rules.groups.flatMap(({ rules: alerts }) =>
      alerts.map(({ alert, expr }): MonitoringQuery => ({ name: alert, kind: 'alert', expr })),
    ),
    ...dashboard.panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }): MonitoringQuery => ({ name: title, kind: 'panel', expr })),
    ),
  ];
}

/** Names of metrics, those of a histogram's series as the histogram's. */
export function metricsOf(expr: string): string[] {
  const names = [...expr.matchAll(/\b(?:emberkeep|process|nodejs)_\w+/g)].map(([name]) => name);
  return [...new Set(names.map((name) => name.replace(/_bucket$/, '')))];
}

/** Labels that it groups, joins or selects by. */
export function labelsOf(expr: string): string[] {
  const lists = [...expr.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)].map(
    ([, list = '']) => list,
  );
  const matchers = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, list = '']) =>
    [...list.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
  );
  return [
    ...new Set([...lists.flatMap((list) => list.split(',')), ...matchers].map((label) => label.trim())),
  ];
}
