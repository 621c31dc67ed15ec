/** Which licences may be part of what we hand out, which is under Apache-2.0. */
import satisfies from 'spdx-satisfies';

/**
 * Licences that ask for their text and notices to be kept and nothing else. Another one is added only by somebody who has
 * read it; weak copyleft (MPL, LGPL) would bring duties of its own to everybody who passes the image on.
 */
export const allowedLicences = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

/** Whether an SPDX expression leaves a choice that is allowed; what is no such expression (`SEE LICENSE IN ...`) is not. */
export function isAllowedLicence(expression: string): boolean {
  try {
    return satisfies(expression, allowedLicences);
  } catch {
    return false;
  }
}

export interface LockedPackage {
  version?: string;
  license?: string;
  dev?: boolean;
}

/** Of the packages that an installation without development has, those whose licence is not allowed, each with why. */
export function licenceProblems(packages: Record<string, LockedPackage>): string[] {
  return Object.entries(packages)
    .filter(([path, { dev = false }]) => path !== '' && !dev)
    .filter(([, { license }]) => license === undefined || !isAllowedLicence(license))
    .map(([path, { version, license }]) => `${path} ${version ?? ''}: ${license ?? 'it names no licence'}`);
}
