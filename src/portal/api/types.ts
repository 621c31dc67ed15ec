/** Short names for what the API's document describes. */
import type { components } from './schema.d.ts';

type Schemas = components['schemas'];

export type InstanceSummary = Schemas['InstanceSummary'];
export type Instance = Schemas['Instance'];
export type Volume = Schemas['VolumeSummary'];
export type Protection = Schemas['Protection'];
export type Point = Schemas['Point'];
export type PointDetail = Schemas['PointDetail'];
export type Disk = Schemas['Disk'];
export type Job = Schemas['Job'];
export type JobEvent = Schemas['JobEvent'];
export type Restore = Schemas['Restore'];
export type RestorePlan = Schemas['RestorePlan'];
export type RestoreRequest = Schemas['RestoreRequest'];
export type RestoreMode = Restore['mode'];
export type Policy = Schemas['Policy'];
export type PolicyAssignment = Schemas['PolicyAssignment'];
export type PolicySource = Schemas['PolicySource'];
export type ProjectCoverage = Schemas['ProjectCoverage'];
