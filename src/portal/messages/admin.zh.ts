import type { Messages } from '../i18n/translator.ts';
import type { adminEn } from './admin.en.ts';

export const adminZh: Messages<keyof typeof adminEn> = {
  'coverage.title': '保护覆盖',
  'coverage.none': '没有包含云主机或云硬盘的项目',
  'column.project': '项目',
  'column.instances': '云主机：已保护、过旧、未保护',
  'column.volumes': '云硬盘：已保护、过旧、未保护',
};
