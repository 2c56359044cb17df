/**
 * Text of others as a reader sees it, on a terminal or before a model: what is not seen is gone, and no `<` is left that
 * could open or close an element. How it becomes part of a text of ours: `say.ts`.
 */

/** All of it, its line ends kept. */
export function visible(text: string): string {
  return withoutTags(seen(text))
}

/** On one line: all that is blank becomes one space, so that it cannot begin a line of its own. */
export function onOneLine(text: string): string {
  return withoutTags(flat(seen(text)))
}

/** Its characters that are seen. */
export function seen(text: string): string {
  if (/^[\t\n\u0020-\u007e]*$/.test(text)) return text
  return text
    .toWellFormed()
    .replace(ESCAPE_SEQUENCES, '')
    .replace(LINE_ENDS, '\n')
    .replace(JOINING, joiningSeen)
    .replace(NEVER_SEEN, '')
}

/** Whether a reader sees anything of it. */
export function isSeen(text: string): boolean {
  return STARTS_SEEN.test(text) || onOneLine(text) !== ''
}
/** Most texts: a long one need not be looked at as a whole. */
const STARTS_SEEN = /^[\t\n ]*[!-~]/

export function flat(text: string): string {
  return text.replace(BLANKS, ' ').trim()
}

export function withoutTags(text: string): string {
  return text.replace(LESS_THAN, '&lt;')
}

/**
 * JSON that means the same and shows nothing unseen: what `seen` takes out, and `<`, are written as escapes. Line ends
 * are layout here, because JSON has escaped those of the values.
 */
export function visibleJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, null, indent) ?? 'null'
  return json
    .replace(JOINING, (signs, at: number, text: string) => joiningSeen(signs, at, text) || escaped(signs))
    .replace(NEVER_SEEN, escaped)
    .replace(LESS_THAN, escaped)
    .replace(/[\u2028\u2029]/g, escaped)
}

function escaped(chars: string): string {
  let text = ''
  for (let i = 0; i < chars.length; i++) {
    const unit = chars.charCodeAt(i)
    ESCAPES[unit] ??= `\\u${unit.toString(16).padStart(4, '0')}`
    text += ESCAPES[unit]
  }
  return text
}
const ESCAPES: Record<number, string> = {}

/** Those of these signs that a reader sees the effect of; of more than any letter or emoji has, none. */
function joiningSeen(signs: string, at: number, text: string): string {
  if (signs.length > 1) return ''
  // Asked of these signs alone, as all that it looks at takes long.
  const shown = signs < '\ufe00' ? SEEN_JOINER : SEEN_SELECTOR
  shown.lastIndex = at
  return shown.test(text) ? signs : ''
}

/**
 * By the grammar of ECMA-48: control sequences; command strings with their terminator (one that has none ends where its
 * introducer ends); other escapes. A command string ends before the next introducer, so that each character is looked at
 * once, however many introducers there are. `util.stripVTControlCharacters` takes a bell anywhere later in the line for
 * the terminator of a sequence, and the text between with it.
 */
const ESCAPE_SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\n\u001b\u0090\u0098\u009c-\u009f]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g

const LINE_ENDS = /\r\n?|[\v\f\u0085\u2028\u2029]/g

/** U+2800 is an empty pattern of Braille dots. */
const BLANKS = /[\s\u2800]+/g

/**
 * Control characters; marks of annotations and of the layout of hieroglyphs, fillers of other scripts; code points that are
 * no characters; all that Unicode says is to be ignored where it is not supported: zero-width characters, marks of
 * direction, tags, variation selectors. An order can hide in them, and a word in a word.
 */
const NEVER_SEEN =
  /(?:(?!\t|\n|\u200c|\u200d|\ufe0e|\ufe0f)[\p{Cc}\ufff9-\ufffb\u{13430}-\u{1343f}\u{16fe4}\u{1d159}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}])+/gu

/** The only ones of them that a reader may see the effect of: a joiner, and the selector that says how an emoji looks. */
const JOINING = /(?:\u200c|\u200d|\ufe0e|\ufe0f){9,}|\u200c|\u200d|\ufe0e|\ufe0f/g

/** Scripts in which a joiner changes nothing. */
const UNJOINED = ['Latin', 'Greek', 'Cyrillic', 'Han', 'Hiragana', 'Katakana', 'Hangul']
  .map(script => `\\p{Script=${script}}`)
  .join('|')
/** Between letters of a script that joins, or within an emoji. */
const SEEN_JOINER = new RegExp(
  [
    `(?<=(?!${UNJOINED})[\\p{L}\\p{M}])[\\u200c\\u200d](?=(?!${UNJOINED})\\p{L})`,
    '(?<=\\p{Extended_Pictographic}[\\ufe0f\\p{Emoji_Modifier}]?)\\u200d(?=\\p{Extended_Pictographic})',
  ].join('|'),
  'yu',
)
const SEEN_SELECTOR = /(?<=\p{Extended_Pictographic})(?:\ufe0e|\ufe0f)|(?<=[#*0-9])\ufe0f(?=\u20e3)/uy

/**
 * `<`, what Unicode's normal forms make of it (≮ ﹤ ＜), what looks like it by confusables.txt of UTS #39 (˂ ᐸ ᚲ ‹ ❮ 𝈶,
 * and ≪ ⋖ ⋘ that look like several), and the angle brackets that stand for it in print (〈 ⟨ 〈 ❬ ❰ ⧼ ︿).
 */
const LESS_THAN =
  /[<\u226e\ufe64\uff1c\u02c2\u1438\u16b2\u2039\u276e\u{1d236}\u226a\u22d6\u22d8\u2329\u27e8\u3008\u276c\u2770\u29fc\ufe3f]/gu
