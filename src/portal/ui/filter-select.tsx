import type { VNode } from 'preact';
import { t } from '../i18n/locale.ts';
import { Select } from './form.tsx';

interface FilterSelectProps<V extends string> {
  label: string;
  /** undefined: everything. */
  value: V | undefined;
  known: readonly V[];
  title: (value: V) => string;
  /** Empty for everything. */
  onChange: (value: V | '') => void;
}

/** Narrows a list to one of a few values. */
export function FilterSelect<V extends string>(props: FilterSelectProps<V>): VNode {
  const { label, value, known, title, onChange } = props;
  return (
    <Select<V | ''>
      label={label}
      value={value ?? ''}
      options={[
        { value: '', label: t('filter.all') },
        ...known.map((one) => ({ value: one, label: title(one) })),
      ]}
      onChange={onChange}
    />
  );
}
