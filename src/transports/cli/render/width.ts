const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Scripts whose characters take two cells of a terminal, and emoji. */
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Emoji}\ufe0f)/u

const ASCII = /^[\x20-\x7e]*$/

/** Cells that a text takes on a terminal; it must have no control characters. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length
  let width = 0
  for (const { segment } of segments.segment(text)) width += cells(segment)
  return width
}

/** At most so many cells of a text; where something is left out, the last one is `…`. */
export function shortened(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let taken = ''
  let used = 1
  for (const { segment } of segments.segment(text)) {
    used += cells(segment)
    if (used > width) break
    taken += segment
  }
  return `${taken.trimEnd()}…`
}

export function padded(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - widthOf(text)))
  return align === 'right' ? fill + text : text + fill
}

function cells(grapheme: string): number {
  if (WIDE.test(grapheme)) return 2
  return /^\p{M}+$/u.test(grapheme) ? 0 : 1
}
