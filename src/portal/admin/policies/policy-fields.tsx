import type { VNode } from 'preact';
import { Checkbox, RadioCards, Select, TextField } from '../../ui/form.tsx';
import { ta } from '../text.ts';
import { keepFields, type PolicyForm } from './policy-form.ts';

interface PolicyFieldsProps {
  form: PolicyForm;
  onChange: (form: PolicyForm) => void;
  /** A policy keeps its name for ever. */
  isNew: boolean;
}

/** Everything that a policy is made of. */
export function PolicyFields({ form, onChange, isNew }: PolicyFieldsProps): VNode {
  const set = (change: Partial<PolicyForm>): void => onChange({ ...form, ...change });
  return (
    <>
      <fieldset class="form-part">
        <legend>{ta('policy.general')}</legend>
        {isNew && (
          <TextField
            label={ta('column.name')}
            hint={ta('policy.nameHint')}
            value={form.name}
            required
            onInput={(name) => set({ name })}
          />
        )}
        <TextField
          label={ta('policy.description')}
          value={form.description}
          onInput={(description) => set({ description })}
        />
        <Checkbox checked={form.enabled} onChange={(enabled) => set({ enabled })}>
          {ta('policy.enabledHint')}
        </Checkbox>
        <Checkbox checked={form.published} onChange={(published) => set({ published })}>
          {ta('policy.publishedHint')}
        </Checkbox>
      </fieldset>
      <Schedule form={form} set={set} />
      <Cycle form={form} set={set} />
      <Retention form={form} set={set} />
      <More form={form} set={set} />
    </>
  );
}

interface PartProps {
  form: PolicyForm;
  set: (change: Partial<PolicyForm>) => void;
}

function Schedule({ form, set }: PartProps): VNode {
  return (
    <fieldset class="form-part">
      <legend>{ta('policy.schedule')}</legend>
      <Select
        label={ta('policy.scheduleKind')}
        value={form.scheduleKind}
        onChange={(scheduleKind) => set({ scheduleKind })}
        options={[
          { value: 'every', label: ta('policy.every') },
          { value: 'cron', label: ta('policy.cron') },
        ]}
      />
      {form.scheduleKind === 'every' ? (
        <TextField
          label={ta('policy.interval')}
          hint={ta('policy.intervalHint')}
          value={form.every}
          required
          onInput={(every) => set({ every })}
        />
      ) : (
        <div class="form-row">
          <TextField
            label={ta('policy.cronText')}
            hint={ta('policy.cronHint')}
            value={form.cron}
            required
            onInput={(cron) => set({ cron })}
          />
          <TextField
            label={ta('policy.timeZone')}
            value={form.timeZone}
            required
            onInput={(timeZone) => set({ timeZone })}
          />
        </div>
      )}
    </fieldset>
  );
}

function Cycle({ form, set }: PartProps): VNode {
  return (
    <fieldset class="form-part">
      <legend>{ta('policy.cycle')}</legend>
      <RadioCards
        label={ta('policy.cycleHint')}
        value={form.cycleKind}
        onChange={(cycleKind) => set({ cycleKind })}
        options={[
          { value: 'default', label: ta('policy.cycleDefault'), hint: ta('policy.cycleDefaultHint') },
          { value: 'limits', label: ta('policy.cycleLimits'), hint: ta('policy.cycleLimitsHint') },
          { value: 'forever', label: ta('policy.cycleForever'), hint: ta('policy.cycleForeverHint') },
        ]}
      />
      {form.cycleKind === 'limits' && (
        <div class="form-row">
          <TextField
            label={ta('policy.increments')}
            inputMode="numeric"
            value={form.increments}
            onInput={(increments) => set({ increments })}
          />
          <TextField
            label={ta('policy.days')}
            inputMode="numeric"
            value={form.days}
            onInput={(days) => set({ days })}
          />
        </div>
      )}
    </fieldset>
  );
}

function Retention({ form, set }: PartProps): VNode {
  return (
    <fieldset class="form-part">
      <legend>{ta('policy.retention')}</legend>
      <Select
        label={ta('policy.retentionKind')}
        value={form.retentionKind}
        onChange={(retentionKind) => set({ retentionKind })}
        options={[
          { value: 'rules', label: ta('policy.retentionRules') },
          { value: 'cycles', label: ta('policy.retentionCycles') },
          { value: 'none', label: ta('policy.retentionNone') },
        ]}
      />
      {form.retentionKind === 'cycles' && (
        <TextField
          label={ta('policy.cyclesKept')}
          inputMode="numeric"
          value={form.cycles}
          required
          onInput={(cycles) => set({ cycles })}
        />
      )}
      {form.retentionKind === 'rules' && (
        <>
          <div class="form-row">
            {keepFields.map((field) => (
              <TextField
                key={field}
                label={ta(`keep.${field}`)}
                inputMode="numeric"
                value={form.keep[field]}
                onInput={(value) => set({ keep: { ...form.keep, [field]: value } })}
              />
            ))}
          </div>
          <Select
            label={ta('policy.strategy')}
            value={form.strategy}
            onChange={(strategy) => set({ strategy })}
            options={[
              { value: 'fold', label: ta('policy.fold') },
              { value: 'chains', label: ta('policy.chains') },
            ]}
          />
        </>
      )}
    </fieldset>
  );
}

function More({ form, set }: PartProps): VNode {
  return (
    <fieldset class="form-part">
      <legend>{ta('policy.more')}</legend>
      <Select
        label={ta('policy.consistency')}
        value={form.consistency}
        onChange={(consistency) => set({ consistency })}
        options={[
          { value: 'crash', label: ta('policy.crash') },
          { value: 'paused', label: ta('policy.paused') },
        ]}
      />
      <Checkbox checked={form.hasWindow} onChange={(hasWindow) => set({ hasWindow })}>
        {ta('policy.hasWindow')}
      </Checkbox>
      {form.hasWindow && (
        <div class="form-row">
          <TextField
            label={ta('policy.windowStart')}
            value={form.windowStart}
            onInput={(windowStart) => set({ windowStart })}
          />
          <TextField
            label={ta('policy.windowEnd')}
            value={form.windowEnd}
            onInput={(windowEnd) => set({ windowEnd })}
          />
          <TextField
            label={ta('policy.timeZone')}
            value={form.windowZone}
            onInput={(windowZone) => set({ windowZone })}
          />
        </div>
      )}
      {form.hasWindow && (
        <Checkbox checked={form.windowCancels} onChange={(windowCancels) => set({ windowCancels })}>
          {ta('policy.windowCancels')}
        </Checkbox>
      )}
      <div class="form-row">
        <TextField
          label={ta('policy.spread')}
          hint={ta('policy.spreadHint')}
          inputMode="numeric"
          value={form.spread}
          onInput={(spread) => set({ spread })}
        />
        <TextField
          label={ta('policy.bandwidth')}
          hint={ta('policy.bandwidthHint')}
          inputMode="numeric"
          value={form.bandwidth}
          onInput={(bandwidth) => set({ bandwidth })}
        />
        <TextField
          label={ta('policy.store')}
          hint={ta('policy.storeHint')}
          value={form.store}
          onInput={(store) => set({ store })}
        />
      </div>
    </fieldset>
  );
}
