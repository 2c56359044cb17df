/** Claude Code drops a line to its inbox that equals the one before it, so each ring has a number. */
export function wakeLine(messages: number, ring: number): string {
  return `${messages} new message${messages === 1 ? '' : 's'} on the switchboard (ring ${ring})`
}

/** Without the number before it, at each digit of which a search would begin anew. */
const WAKE_LINE = / new messages? on the switchboard \(ring \d+\)/

/** Clients put words of their own around the line, and several lines, or what stood in the input box, into one prompt. */
export function hasWakeLine(prompt: string): boolean {
  return WAKE_LINE.test(prompt)
}
