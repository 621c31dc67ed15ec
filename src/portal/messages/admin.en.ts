/** Texts of the administrator's pages; loaded with them. */
export const adminEn = {
  'coverage.title': 'Coverage',
  'coverage.none': 'There are no projects with instances or volumes',
  'column.project': 'Project',
  'column.instances': 'Instances protected, too old, not protected',
  'column.volumes': 'Volumes protected, too old, not protected',
} as const;
