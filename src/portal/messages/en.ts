import { policiesEn } from './policies.en.ts';
import { protectEn } from './protect.en.ts';
import { restoreEn } from './restore.en.ts';
import { shellEn } from './shell.en.ts';

/** Every text of the shell and of the tenant's pages. The keys are checked by the compiler, here and in Chinese. */
export const en = { ...shellEn, ...protectEn, ...policiesEn, ...restoreEn };
