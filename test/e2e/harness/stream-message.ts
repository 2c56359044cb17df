/** One line of `--output-format stream-json`; the fields that tests ask for, the rest as it came. */
export interface StreamMessage {
  type: string
  subtype?: string
  session_id?: string
  /** On `result`: the turn's last text. */
  result?: string
  is_error?: boolean
  [field: string]: unknown
}

export function parseMessage(line: string): StreamMessage | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // the client also prints plain warnings
  }
}
