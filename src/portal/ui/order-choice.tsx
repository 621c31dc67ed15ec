import type { VNode } from 'preact';
import { t } from '../i18n/locale.ts';
import { Select } from './form.tsx';
import { parseSort, sortText, type Sorting } from './sort-rows.ts';

interface OrderChoiceProps {
  /** What can be sorted by, with the titles of the columns. */
  orders: readonly { column: string; title: string }[];
  sorting: Sorting | undefined;
  onSort: (sorting: Sorting | undefined) => void;
}

/** What the heads of the columns are for where there are none: a narrow screen shows each row as a card. */
export function OrderChoice({ orders, sorting, onSort }: OrderChoiceProps): VNode | null {
  if (orders.length === 0) return null;
  const options = orders.flatMap(({ column, title }) =>
    [false, true].map((descending) => ({
      value: sortText({ column, descending }),
      label: t(descending ? 'table.descending' : 'table.ascending', { column: title }),
    })),
  );
  return (
    <div class="order-choice">
      <Select
        label={t('table.order')}
        value={sortText(sorting)}
        onChange={(text) => onSort(parseSort(text))}
        options={[{ value: '', label: t('table.usual') }, ...options]}
      />
    </div>
  );
}
