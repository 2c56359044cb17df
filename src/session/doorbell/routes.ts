/** A way to wake an idle session: it carries one fixed line and no message. */
export interface Route {
  readonly name: string
  /** Whether this session has it. */
  isHere(): boolean
  /** How long until it may ring, in ms; 0: now. */
  restMs(): number
  /** Rejects where the bell cannot have been heard. Resolving proves nothing: only a prompt does. */
  ring(line: string): Promise<void>
}

/** Claude Code drops a line to its inbox that equals the one before it, so each ring has a number. */
export function bellLine(messages: number, ring: number): string {
  return `${messages} new message${messages === 1 ? '' : 's'} on the switchboard (ring ${ring})`
}

/** `SWITCHBOARD_DOORBELL` names the routes that may be used, e.g. `monitor, tmux keys`; `none` for silence. */
export function chosenRoutes(routes: readonly Route[], written: string | undefined): readonly Route[] {
  if (written === undefined || written === '') return routes
  const wanted = written.split(',').map(each => each.trim())
  return routes.filter(route => wanted.includes(route.name))
}
