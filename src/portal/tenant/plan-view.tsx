import type { VNode } from 'preact';
import type { RestorePlan } from '../api/types.ts';
import { languageTag, t } from '../i18n/locale.ts';
import { formatBytes, formatDuration } from '../ui/format.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
import { Time } from '../ui/time.tsx';
import { ErrorSaid, Said } from '../ui/said.tsx';
import { planFacts, type PlanFact } from './plan-words.ts';

const icons: Record<PlanFact['kind'], IconName> = {
  possible: 'ok',
  impossible: 'danger',
  'nothing-lost': 'ok',
  'nothing-written': 'ok',
  loss: 'warning',
  'later-points': 'info',
  stopped: 'warning',
  'runs-on': 'ok',
  data: 'store',
  duration: 'waiting',
  'duration-unknown': 'waiting',
  undo: 'restore',
  'no-undo-needed': 'ok',
};

interface PlanViewProps {
  plan: RestorePlan;
  /** What people call the disk with this key. */
  diskName: (key: string) => string;
}

/** A plan for who decides: the facts first, then what stands against it, then each step. */
export function PlanView({ plan, diskName }: PlanViewProps): VNode {
  return (
    <div class="plan">
      <ul class="plan-facts">
        {planFacts(plan).map((fact, index) => (
          <li key={index} class={`plan-fact ${fact.kind}`}>
            <Icon name={icons[fact.kind]} />
            <span>
              <FactText fact={fact} diskName={diskName} />
            </span>
          </li>
        ))}
      </ul>
      {plan.problems.length > 0 && <Problems plan={plan} />}
      {plan.steps.length > 0 && (
        <section>
          <h3>{t('plan.steps')}</h3>
          <ol class="plan-steps">
            {plan.steps.map(({ kind, code, params, text }, index) => (
              <li key={index}>
                <span class="step-kind">{t(`step.${kind}`)}</span>
                <Said kind="planStep" code={code} params={params} english={text} />
              </li>
            ))}
          </ol>
        </section>
      )}
      {plan.notes.length > 0 && (
        <section>
          <h3>{t('plan.notes')}</h3>
          <ul class="notes">
            {plan.said_notes.map(({ text, code, params }) => (
              <li key={text}>
                <Said kind="note" code={code} params={params} english={text} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Problems({ plan }: { plan: RestorePlan }): VNode {
  return (
    <section>
      <h3>{t('plan.problems')}</h3>
      <ul class="problems">
        {plan.problems.map(
          ({ code, what, remedy, remedy_code: remedyCode, remedy_params: params, disk_key: disk }) => (
            <li key={`${code} ${disk ?? ''} ${what}`}>
              <ErrorSaid code={code} english={what} />
              {remedy !== '' && (
                <p>
                  <strong>{t('plan.remedy')}</strong>{' '}
                  <Said kind="remedy" code={remedyCode} params={params} english={remedy} />
                </p>
              )}
              <code class="hint">{code}</code>
            </li>
          ),
        )}
      </ul>
    </section>
  );
}

function FactText({ fact, diskName }: { fact: PlanFact } & Pick<PlanViewProps, 'diskName'>): VNode {
  const span = (seconds: number): string => formatDuration(seconds, languageTag());
  switch (fact.kind) {
    case 'impossible':
      return <strong>{t.count('plan.impossible', fact.problems)}</strong>;
    case 'possible':
      return <strong>{t('plan.possible')}</strong>;
    case 'loss':
      return <Loss fact={{ ...fact, disk: diskName(fact.disk) }} />;
    case 'nothing-written':
      return <>{t('plan.nothing-written', { disk: diskName(fact.disk) })}</>;
    case 'later-points':
      return (
        <>
          {t('plan.laterPoints')} <Time at={fact.newest} absolute />
        </>
      );
    case 'stopped':
      return <>{standstill(fact.seconds)}</>;
    case 'data':
      return (
        <>{t('plan.data', { read: formatBytes(fact.readBytes), written: formatBytes(fact.writtenBytes) })}</>
      );
    case 'duration':
      return <>{t.count('plan.duration', fact.restores, { span: span(fact.seconds) })}</>;
    case 'undo':
      return <>{t.count('plan.undo', fact.days)}</>;
    case 'nothing-lost':
    case 'runs-on':
    case 'duration-unknown':
    case 'no-undo-needed':
      return <>{t(`plan.${fact.kind}`)}</>;
  }
}

function standstill(seconds: number | undefined): string {
  if (seconds === undefined) return t('plan.stopped.unknown');
  return t('plan.stopped', { span: formatDuration(seconds, languageTag()) });
}

function Loss({ fact }: { fact: Extract<PlanFact, { kind: 'loss' }> }): VNode {
  const { disk, changedBytes, unsavedBytes, said } = fact;
  return (
    <>
      {changedBytes === undefined
        ? t('plan.loss.unknown', { disk })
        : t('plan.loss', { disk, bytes: formatBytes(changedBytes) })}
      {unsavedBytes !== undefined && ` ${unsavedWords(unsavedBytes)}`}{' '}
      <span class="hint">
        <Said kind="loss" code={said.code} params={said.params} english={said.text} />
      </span>
    </>
  );
}

function unsavedWords(bytes: number): string {
  return bytes === 0 ? t('plan.loss.saved') : t('plan.loss.unsaved', { bytes: formatBytes(bytes) });
}
