/**
 * Cells of a terminal. Terminals do not agree on what stands together in one: many draw each part of an emoji, each jamo
 * of a Hangul syllable and each spacing mark by itself. So every code point is counted as if it stood alone. A text is
 * never wider than counted: what is wider than its line goes on at the beginning of the next, where it could pass for a
 * line of ours.
 */

/** Scripts whose characters take two cells, emoji, and characters that some fonts draw wide. */
const WIDE =
  /^(?:[\u1100-\u11ff\u2e3a-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Extended_Pictographic})$/u

const ASCII = /^[\x20-\x7e]*$/

/** Drawn upon the character before, or not at all. */
const WITHOUT_CELL = /^(?:\p{Mn}|\p{Me}|\p{Default_Ignorable_Code_Point})$/u

/** Cells that a text takes on a terminal at the most; it must have no control characters. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length
  let width = 0
  for (const char of text) width += cells(char)
  return width
}

/** At most so many cells of a text; where something is left out, the last one is `…`. */
export function shortened(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let taken = ''
  let used = 1
  for (const { segment } of segments.segment(text)) {
    used += widthOf(segment)
    if (used > width) break
    taken += segment
  }
  return `${taken.trimEnd()}…`
}

/** What belongs together is not cut. */
const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

export function padded(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - widthOf(text)))
  return align === 'right' ? fill + text : text + fill
}

function cells(char: string): number {
  if (WIDE.test(char)) return 2
  return WITHOUT_CELL.test(char) ? 0 : 1
}
