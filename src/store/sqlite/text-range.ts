/**
 * The first text after all that begin with this one, so that an index range (`>= prefix AND < end`) finds them; undefined
 * where there is none. In the order of code points, which is that of SQLite's UTF-8 bytes.
 */
export function prefixEnd(prefix: string): string | undefined {
  const points = [...prefix].map(char => char.codePointAt(0)!)
  while (points.length > 0) {
    const last = points.pop()!
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
  }
  return undefined
}
