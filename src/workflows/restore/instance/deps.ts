export type { BorrowedKeyPair, InstanceCloud } from '../../../drivers/openstack/instance-cloud.ts';
