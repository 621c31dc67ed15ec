import type { PortalOperations } from '../../../workflows/portal/portal-operations.ts';

/** What the portal's side of the API needs; compose gives it. */
export interface PortalDeps {
  operations: PortalOperations;
  /** Where `vite build` has put the pages. */
  directory: string;
  /** Scheme and host that browsers use; undefined: as they address us, by `Host`. */
  publicUrl?: string | undefined;
  /** Filled in at the sign-in. */
  defaultDomain: string;
  websso: PortalWebsso;
  /** Time between looks at the session of an answer that stays open, milliseconds; a minute unless told. */
  recheckMs?: number;
}

export interface PortalWebsso {
  /** Keystone's v3 root as browsers reach it. */
  keystoneUrl: string;
  /** Ids of federation protocols and what the button says. */
  protocols: readonly { protocol: string; label: string }[];
}
