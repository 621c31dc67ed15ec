/**
 * The id that Cinder's ConfKeyManager gives the one key that all volumes have with it, `key_manager.fixed_key` of its
 * configuration (cinder/keymgr/conf_key_mgr.py): a new volume can be read with the key of an old one. Other key managers,
 * Barbican first, give each volume a key of its own.
 */
const fixedKeyId = '00000000-0000-0000-0000-000000000000';

/** Points of earlier releases, and Cinder in its lists, have no id for the fixed key. */
export function isSameKey(recorded: string | undefined, now: string | undefined): boolean {
  return (recorded ?? fixedKeyId) === (now ?? fixedKeyId);
}

export function isFixedKey(keyId: string | undefined): boolean {
  return keyId === fixedKeyId;
}
