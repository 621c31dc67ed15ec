import { consistencies } from '../../../domain/manifest.ts';
import { restoreMode } from '../resources/restore.ts';
import { z } from '../zod.ts';
import { instant, nameOrId, uuid } from './common.ts';

/** The two halves of `POOL/IMAGE`; undefined when it is not that. */
export function imagePath(text: string): { pool: string; image: string } | undefined {
  const [pool = '', image = '', ...more] = text.split('/');
  return pool === '' || image === '' || more.length > 0 || image.includes('@') ? undefined : { pool, image };
}

const imageName = z
  .string()
  .refine((text) => imagePath(text) !== undefined, { error: 'must be POOL/IMAGE' })
  .openapi({ example: 'volumes/volume-6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f' });

const clusterName = nameOrId.optional().openapi({
  description: 'Cluster of the image or pool, as the service knows it; the default one when left out.',
});

/** Refuses an object that names none or several of these. */
function exactlyOne(keys: readonly string[]): (value: Record<string, unknown>) => boolean {
  return (value) => keys.filter((key) => value[key] !== undefined).length === 1;
}

const targetKinds = ['instance', 'volume', 'image', 'pool'] as const;

export const backupBody = z
  .strictObject({
    target: z
      .strictObject({
        instance: nameOrId.optional(),
        volume: nameOrId.optional(),
        image: imageName.optional(),
        pool: nameOrId.optional(),
        cluster: clusterName,
      })
      .refine(exactlyOne(targetKinds), { error: `must name exactly one of ${targetKinds.join(', ')}` })
      .openapi({ description: 'Exactly one of instance, volume, image or pool.' }),
    full: z.boolean().default(false).openapi({ description: 'Start a new cycle whatever the chain says.' }),
    cycle: z
      .strictObject({
        increments: z.int().min(0).optional().openapi({ description: 'Increments after a full.' }),
        days: z.int().min(0).optional().openapi({ description: 'Greatest age of a full, days.' }),
      })
      .optional()
      .openapi({ description: 'How long a cycle lasts, instead of what the service is configured for.' }),
    bandwidth_mib: z.int().min(1).max(1_000_000).optional().openapi({
      description: 'MiB a second that the exports of all disks together may take.',
    }),
    store: nameOrId.optional().openapi({ description: 'Name of a store; the default one when left out.' }),
    consistency: z.enum(consistencies).default('crash').openapi({
      description: 'paused: the instance stands still while its snapshots are taken. For instances only.',
    }),
  })
  .openapi('BackupRequest');

const sourceKinds = ['id', 'instance', 'volume', 'image'] as const;

export const restoreBody = z
  .strictObject({
    point: z
      .strictObject({
        id: uuid.optional(),
        instance: nameOrId.optional(),
        volume: nameOrId.optional(),
        image: imageName.optional(),
        at: z
          .string()
          .refine((text) => text === 'latest' || instant.safeParse(text).success, {
            error: 'must be "latest" or an ISO 8601 time with its zone, such as 2026-11-22T10:00:00Z',
          })
          .optional(),
      })
      .refine(exactlyOne(sourceKinds), { error: `must name exactly one of ${sourceKinds.join(', ')}` })
      .refine((point) => point.id === undefined || point.at === undefined, {
        error: 'takes no "at" when it is named by id',
      })
      .openapi({
        description:
          'A point by id, or the newest one of an instance, volume or image taken at or before `at` (`latest` when left out).',
      }),
    mode: restoreMode,
    disks: z.array(nameOrId).max(256).default([]).openapi({
      description: 'Volume ids, disk keys or device names; empty means all that the mode can restore.',
    }),
    name: nameOrId.optional().openapi({ description: 'Name of the new volume, image or instance.' }),
    plain: z.boolean().default(false).openapi({
      description: 'Import the links one by one, as `rbd import-diff` by hand would, instead of flattened.',
    }),
    instance: z
      .strictObject({
        flavor: nameOrId.optional(),
        networks: z.array(nameOrId).max(64).optional().openapi({
          description:
            'One port on each of these instead of the recorded ports; none when the list is empty.',
        }),
        key_name: nameOrId.optional().openapi({ description: "A key pair of the caller's." }),
        availability_zone: nameOrId.optional(),
      })
      .optional()
      .openapi({
        description: 'For mode `instance`: what it is to have instead of what was recorded, by name or id.',
      }),
  })
  .refine(({ mode, instance }) => mode === 'instance' || instance === undefined, {
    error: 'takes "instance" with mode instance only',
  })
  .openapi('RestoreRequest');
