/** Parts of a text that are put in where it says `{name}`. */
export type Params = Readonly<Record<string, string | number>>;
export type Locale = 'en' | 'zh';
export type Messages<K extends string> = Readonly<Record<K, string>>;

/** Tags of BCP 47 for Intl and for the page's `lang`. */
export const languageTags: Record<Locale, string> = { en: 'en-GB', zh: 'zh-CN' };

/** The texts of a locale, with their parameters put in. A name without a parameter stays visible, as `{name}`. */
export function format(text: string, params: Params = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

/** Keys of texts that exist for one and for several, without the ending: `points.one`, `points.other`. */
export type CountedKey<K extends string> = K extends `${infer Base}.one` ? Base : never;

export interface Translate<K extends string> {
  (key: K, params?: Params): string;
  /** The text for this number of things, with `{count}` put in. */
  count(base: CountedKey<K>, count: number, params?: Params): string;
  /** Whether there is such a text: for what the service names, such as states and steps. */
  has(key: string): key is K;
}

/** Translates into whatever `locale` says at the moment of the call. */
export function translator<K extends string>(
  texts: Record<Locale, Messages<K>>,
  locale: () => Locale,
): Translate<K> {
  const translate = (key: K, params?: Params): string => format(texts[locale()][key], params);
  return Object.assign(translate, {
    count: (base: CountedKey<K>, count: number, params: Params = {}): string => {
      const tag = languageTags[locale()];
      const form = new Intl.PluralRules(tag).select(count) === 'one' ? 'one' : 'other';
      return translate(`${base}.${form}` as K, {
        count: new Intl.NumberFormat(tag).format(count),
        ...params,
      });
    },
    has: (key: string): key is K => Object.hasOwn(texts.en, key),
  });
}
