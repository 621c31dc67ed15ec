/** The section `portal` of the configuration, and the proxies in front of it. */
import { isIP } from 'node:net';
import { z } from 'zod';

/** As Express reads `trust proxy`: an address, or a network with the length of its prefix. */
function isNetwork(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (bits < 0 || rest.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits);
}

export const proxiesSchema = z.array(
  z.string().refine(isNetwork, 'must be an address or a network such as 10.0.0.0/8'),
);

/** Scheme, host and port alone: cookies and routes of the portal stand at the root of its host. */
const originUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => URL.canParse(url) && new URL(url).pathname === '/' && new URL(url).search === '', {
    error: 'must be an address without a path, such as https://backup.example.org',
  });

export const portalSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('whether the API also serves the portal, below /portal'),
  public_url: originUrl
    .optional()
    .describe('how browsers reach the portal, such as https://backup.example.org; by default as they say'),
  idle_minutes: z
    .int()
    .min(5)
    .max(10_080)
    .default(60)
    .describe('how long a session may be unused before it is over, minutes'),
  sessions_per_user: z
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('sessions that one user has at most; the one unused for longest makes room'),
  default_domain: z
    .string()
    .min(1)
    .max(255)
    .default('Default')
    .describe("domain of Keystone that the sign-in's form begins with"),
  keystone_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Keystone as browsers reach it, for single sign-on; by default the service user's auth_url"),
  websso: z
    .record(
      z.string().regex(/^[\w.-]{1,64}$/, "must be the id of one of Keystone's federation protocols"),
      z.string().min(1).max(100).describe('what the button says'),
    )
    .default({})
    .describe("single sign-on, by the id of Keystone's federation protocol"),
});
