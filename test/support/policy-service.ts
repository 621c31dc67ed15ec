/** The API and command line over the policies of a lab: real workflows and PostgreSQL, a made-up cloud. */
import { callApi, type Answer, type CallOptions } from './api-call.ts';
import { FakeOperations } from './fake-operations.ts';
import { startFakeService, type FakeService } from './fake-service.ts';
import { PolicyLab } from './policy-lab.ts';

export class PolicyService {
  readonly lab: PolicyLab;
  readonly service: FakeService;

  private constructor(lab: PolicyLab, service: FakeService) {
    this.lab = lab;
    this.service = service;
  }

  static async open(): Promise<PolicyService> {
    const lab = await PolicyLab.open();
    const operations = new FakeOperations();
    operations.policies = lab.operations;
    return new PolicyService(lab, await startFakeService({ operations }));
  }

  async close(): Promise<void> {
    await this.service.close();
    await this.lab.close();
  }

  call<T>(method: string, path: string, options?: CallOptions): Promise<Answer<T>> {
    return callApi<T>(this.service, method, path, options);
  }

  asAdmin<T>(method: string, path: string, body?: object): Promise<Answer<T>> {
    return this.call<T>(method, path, { token: 'admin', ...(body === undefined ? {} : { body }) });
  }
}

/** With something of everything, as a request may write it. */
export const dailyPolicy = {
  name: 'daily',
  schedule: { cron: ' 0  2 * * * ', time_zone: 'Europe/Berlin' },
  cycle: { forever: true },
  retention: { keep: { daily: 7, within_days: 3 } },
  window: { start: '22:00', end: '06:00', time_zone: 'Europe/Berlin', at_end: 'cancel' },
  spread_minutes: 30,
  bandwidth_mib: 100,
  store: null,
  published: true,
};
