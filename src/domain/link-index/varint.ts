/** Longest encoding of a safe integer: 53 bits, 7 to a byte. */
export const maxVarintBytes = 8;

/**
 * Writes an unsigned LEB128 integer (7 bits a byte, lowest first, high bit set on all but the last) and returns the
 * position behind it. `value` must be a safe integer.
 */
export function writeVarint(target: Buffer, at: number, value: number): number {
  let rest = value;
  let next = at;
  while (rest >= 0x80) {
    target[next++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  target[next++] = rest;
  return next;
}

/** Reads varints one after the other; `undefined` when the bytes end inside one. */
export class VarintReader {
  readonly #bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** Throws RangeError for what writeVarint would not have written: too long, or padded with zero bits. */
  next(): number | undefined {
    let value = 0;
    let scale = 1;
    for (let index = 0; index < maxVarintBytes; index++) {
      const byte = this.#bytes[this.at + index];
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if ((byte === 0 && index > 0) || !Number.isSafeInteger(value)) break;
        this.at += index + 1;
        return value;
      }
      scale *= 0x80;
    }
    throw new RangeError('a number that is padded or beyond 2^53');
  }
}
