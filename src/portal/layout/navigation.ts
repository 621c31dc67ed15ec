import type { IconName } from '../ui/icons.tsx';

export interface NavItem {
  href: string;
  title: string;
  icon: IconName;
}

/** Whether a page belongs to this item of the navigation: its own address, or one below it. */
export function isUnder(path: string, href: string): boolean {
  return path === href || path.startsWith(`${href}/`);
}
