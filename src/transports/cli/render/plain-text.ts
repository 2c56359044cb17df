/**
 * Text of peers on its way to a terminal. Escape sequences go as a whole, then every other control byte: C0, DEL, C1
 * (U+009B is an 8-bit CSI) and the marks that reverse the direction of writing, which can make a line read as another.
 * Tabs and line ends stay.
 */
export function plainText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(ESCAPE_SEQUENCES, '').replace(UNPRINTABLE, '')
}

/**
 * By the grammar of ECMA-48: control sequences; command strings with their terminator (one that has none ends where its
 * introducer ends); other escapes. `util.stripVTControlCharacters` takes a bell anywhere later in the line for the
 * terminator of a sequence, and the text between with it.
 */
const ESCAPE_SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** The same on one line: whatever is blank becomes one space, so that text can not begin a line of its own. */
export function oneLine(text: string): string {
  return plainText(text).replace(/\s+/g, ' ').trim()
}

/** JSON that a terminal can show: `JSON.stringify` escapes C0, but neither DEL nor C1 nor marks of direction. */
export function plainJson(value: unknown, indent?: number): string {
  return (JSON.stringify(value, null, indent) ?? 'null').replace(
    UNPRINTABLE_IN_JSON,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Line ends are layout here: JSON has escaped those of the text. */
const UNPRINTABLE_IN_JSON = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
