import { StringDecoder } from 'node:string_decoder'

/** One frame of a server-sent event stream. A frame of comments only comes as `comment`. */
export type SseFrame =
  | { readonly kind: 'event'; readonly event: string; readonly data: string; readonly id: string | undefined }
  | { readonly kind: 'comment' }

/**
 * Parses `text/event-stream` as the HTML standard says, whatever the borders of the chunks: lines end with LF, CR or
 * CRLF, a character or a CRLF may be cut in two, a byte order mark may come first, unknown fields are passed over.
 */
export function createSseParser(onFrame: (frame: SseFrame) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8')
  /** Of the line that has not ended yet. Only what is new is looked through for its end. */
  let parts: string[] = []
  let isStart = true
  let afterCr = false
  let event = ''
  let data: string[] = []
  let id: string | undefined

  function line(text: string): void {
    if (text === '') {
      if (data.length > 0) onFrame({ kind: 'event', event: event || 'message', data: data.join('\n'), id })
      event = ''
      data = []
      id = undefined
      return
    }
    if (text.startsWith(':')) {
      onFrame({ kind: 'comment' })
      return
    }
    const colon = text.indexOf(':')
    const field = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') event = value
    else if (field === 'data') data.push(value)
    else if (field === 'id' && !value.includes('\0')) id = value
  }

  return chunk => {
    let text = decoder.write(chunk)
    if (text === '') return
    if (isStart && text.startsWith('\uFEFF')) text = text.slice(1)
    isStart = false
    // A CR at the end of the last chunk has ended its line already; an LF right after it belongs to it.
    if (afterCr && text.startsWith('\n')) text = text.slice(1)
    afterCr = text === '' ? false : text.endsWith('\r')
    const [first = '', ...others] = text.split(/\r\n|\n|\r/)
    parts.push(first)
    for (const each of others) {
      line(parts.join(''))
      parts = [each]
    }
  }
}
