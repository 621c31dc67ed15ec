import type { Messages } from '../i18n/translator.ts';
import type { en } from './en.ts';
import { policiesZh } from './policies.zh.ts';
import { protectZh } from './protect.zh.ts';
import { restoreZh } from './restore.zh.ts';
import { shellZh } from './shell.zh.ts';

export const zh: Messages<keyof typeof en> = { ...shellZh, ...protectZh, ...policiesZh, ...restoreZh };
