/**
 * Text cut to a length. `slice` counts UTF-16 units and may leave half of a character (an emoji is two units); half a
 * character is no Unicode, and a client's API refuses a whole conversation that has one.
 */

/** The beginning of a text: at most so many characters, as `length` counts them, and none of them half. */
export function cutTo(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  return text.slice(0, endsWithin(text, maxChars) ? maxChars - 1 : maxChars)
}

/** The same, where a reader is to see that something is missing: the last character is `…` then. */
export function shortened(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${cutTo(text, maxChars - 1)}…`
}

/** Whether a cut there would part the two halves of one character. */
function endsWithin(text: string, at: number): boolean {
  return at > 0 && isBetween(text.charCodeAt(at - 1), 0xd800, 0xdbff) && isBetween(text.charCodeAt(at), 0xdc00, 0xdfff)
}

function isBetween(unit: number, first: number, last: number): boolean {
  return unit >= first && unit <= last
}
