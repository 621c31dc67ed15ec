/** The service's sentences in other tongues than its English, by their codes; loaded when such a tongue is first shown. */
import { signal } from '@preact/signals';
import { formatBytes, formatDuration, formatMinute } from '../ui/format.ts';
import type { ServiceTexts } from '../messages/service-texts.ts';
import { languageTags, type Locale } from './translator.ts';

const loaded = signal<ServiceTexts | undefined>(undefined);
let isAsked = false;

/** undefined for English, which is the service's own tongue, and until they are loaded: the page is drawn again then. */
export function serviceTexts(locale: Locale): ServiceTexts | undefined {
  if (locale !== 'zh') return undefined;
  if (!isAsked) {
    isAsked = true;
    import('../messages/service.zh.ts').then(
      ({ serviceZh }) => (loaded.value = serviceZh),
      // English stays, and the next page tries again.
      () => (isAsked = false),
    );
  }
  return loaded.value;
}

/** undefined where there are no words for it: a later service may say what this portal does not know. */
export function sayCode(
  texts: Readonly<Record<string, string>>,
  code: unknown,
  params: unknown,
  /** For what is a sentence or a word of the service's itself within another. */
  within?: ServiceTexts,
): string | undefined {
  const template = typeof code === 'string' && Object.hasOwn(texts, code) ? texts[code] : undefined;
  if (template === undefined) return undefined;
  const given = isRecord(params) ? params : {};
  return fill(template, within === undefined ? given : { ...given, ...translated(given, within) });
}

/** Parameters that are words of the service's: `x` with its code as `x_code`, or one of the names. */
function translated(params: Readonly<Record<string, unknown>>, texts: ServiceTexts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) => {
      const [code, inner] = [params[`${name}_code`], params[`${name}_params`]];
      const said =
        sayCode(texts.findingWord, code, inner, texts) ??
        sayCode(texts.damage, code, inner) ??
        (typeof value === 'string' ? sayName(texts.name, name, value) : undefined);
      return said === undefined ? [] : [[name, said]];
    }),
  );
}

/** A word as it is, or words with something of the cloud's behind them: `cluster ceph`. */
export function sayName(texts: ServiceTexts['name'], name: string, value: string): string | undefined {
  const asked = `${name} ${value}`;
  const begin = Object.keys(texts).find((key) => key === asked || asked.startsWith(`${key} `));
  return begin === undefined ? undefined : sayCode(texts, begin, { rest: asked.slice(begin.length + 1) });
}

export function sayError(texts: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(texts, code) ? texts[code] : undefined;
}

/** `{name}` is the parameter; `[name?text]` is there with it only, `[name!text]` without it only. */
export function fill(template: string, params: Readonly<Record<string, unknown>>): string {
  return template
    .replace(/\[(\w+)([?!])([^\]]*)\]/g, (_, name: string, sign: string, text: string) =>
      isGiven(params[name]) === (sign === '?') ? text : '',
    )
    .replace(/\{(\w+)\}/g, (_, name: string) => show(name, params[name]));
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== '' && value !== 0;
}

function show(name: string, value: unknown): string {
  const tag = languageTags.zh;
  if (typeof value === 'number' && name.endsWith('_bytes')) return formatBytes(value);
  if (typeof value === 'number' && name === 'off') return formatDuration(value, tag);
  if (typeof value === 'string' && name.endsWith('_at')) return formatMinute(new Date(value), tag);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
