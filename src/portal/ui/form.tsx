import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface FieldProps {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
}

interface TextFieldProps extends FieldProps {
  value: string;
  onInput: (value: string) => void;
  type?: 'text' | 'password' | 'search';
  required?: boolean;
  disabled?: boolean;
  autoFocus?: boolean;
  autocomplete?: string;
  inputMode?: 'text' | 'numeric';
  name?: string;
  /** What may be meant; anything else can be typed too. */
  suggestions?: readonly string[] | undefined;
}

/** What goes with a field's ends: the hint and the error that it is described by. */
function describedBy(id: string, { hint, error }: Pick<FieldProps, 'hint' | 'error'>): string | undefined {
  const ids = [hint === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`];
  const text = ids.filter((one) => one !== '').join(' ');
  return text === '' ? undefined : text;
}

function Notes({ id, hint, error }: { id: string } & Pick<FieldProps, 'hint' | 'error'>): VNode {
  return (
    <>
      {hint !== undefined && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {error !== undefined && (
        <span class="field-error" id={`${id}-error`} role="alert">
          {error}
        </span>
      )}
    </>
  );
}

export function TextField(props: TextFieldProps): VNode {
  const { label, hint, error, value, onInput, type = 'text', required = false, disabled = false } = props;
  const id = useId();
  // Preact's types know each kind of input apart; these three take the same attributes.
  const kind: 'text' = type as 'text';
  const field = useRef<HTMLInputElement>(null);
  const autoFocus = props.autoFocus ?? false;
  useEffect(() => {
    // Browsers heed the attribute once for each document: not for a field that appears later.
    if (autoFocus) field.current?.focus();
  }, [autoFocus]);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        ref={field}
        id={id}
        name={props.name}
        list={props.suggestions === undefined ? undefined : `${id}-list`}
        type={kind}
        value={value}
        required={required}
        disabled={disabled}
        autoFocus={autoFocus}
        autocomplete={props.autocomplete ?? 'off'}
        inputMode={props.inputMode}
        spellcheck={false}
        aria-invalid={error !== undefined}
        aria-describedby={describedBy(id, { hint, error })}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
      {props.suggestions !== undefined && (
        <datalist id={`${id}-list`}>
          {props.suggestions.map((text) => (
            <option key={text} value={text} />
          ))}
        </datalist>
      )}
      <Notes id={id} hint={hint} error={error} />
    </div>
  );
}

export interface Option<V extends string> {
  value: V;
  label: string;
  /** Shown beside radio buttons only. */
  hint?: string | undefined;
  disabled?: boolean;
}

interface SelectProps<V extends string> extends FieldProps {
  value: V;
  options: readonly Option<V>[];
  onChange: (value: V) => void;
}

export function Select<V extends string>(props: SelectProps<V>): VNode {
  const { label, hint, error, value, options, onChange } = props;
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-describedby={describedBy(id, { hint, error })}
        onChange={({ currentTarget }) => onChange(currentTarget.value as V)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled ?? false}>
            {option.label}
          </option>
        ))}
      </select>
      <Notes id={id} hint={hint} error={error} />
    </div>
  );
}

/** One of a few, each with a sentence that says what it is. */
export function RadioCards<V extends string>(props: SelectProps<V>): VNode {
  const { label, value, options, onChange } = props;
  const name = useId();
  return (
    <fieldset class="radio-cards">
      <legend>{label}</legend>
      {options.map((option) => (
        <label class="radio-card" key={option.value}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            disabled={option.disabled ?? false}
            onChange={() => onChange(option.value)}
          />
          <span>
            <strong>{option.label}</strong>
            {option.hint !== undefined && <span class="hint">{option.hint}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

interface CheckboxProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  children: ComponentChildren;
}

export function Checkbox({ checked, onChange, disabled = false, children }: CheckboxProps): VNode {
  return (
    <label class="checkbox">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      <span>{children}</span>
    </label>
  );
}
