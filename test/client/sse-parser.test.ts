import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSseParser, type SseFrame } from '../../src/client/sse-parser.ts'
import { cases } from '../tier.ts'

function parse(chunks: Buffer[]): SseFrame[] {
  const frames: SseFrame[] = []
  const feed = createSseParser(frame => frames.push(frame))
  for (const chunk of chunks) feed(chunk)
  return frames
}

function cut(bytes: Buffer, borders: number[]): Buffer[] {
  const places = [...new Set(borders.map(each => each % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length))
}

const lineText = fc.string({ unit: 'grapheme', maxLength: 12 }).map(text => text.replace(/[\r\n\0]/g, ''))
const frame = fc.record({
  event: fc.option(
    lineText.filter(text => text !== ''),
    { nil: undefined },
  ),
  id: fc.option(fc.nat().map(String), { nil: undefined }),
  data: fc.array(lineText, { minLength: 1, maxLength: 3 }),
  comment: fc.option(lineText, { nil: undefined }),
})
const lineEnd = fc.constantFrom('\n', '\r\n', '\r')

describe('the stream parser', () => {
  it('reads the same frames wherever chunks are cut and however lines end', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 6 }),
        lineEnd,
        fc.array(fc.nat(), { maxLength: 40 }),
        fc.boolean(),
        (frames, end, borders, hasBom) => {
          const lines = frames.flatMap(({ event, id, data, comment }) => [
            ...(comment === undefined ? [] : [`: ${comment}`]),
            ...(event === undefined ? [] : [`event: ${event}`]),
            ...(id === undefined ? [] : [`id: ${id}`]),
            ...data.map(line => `data: ${line}`),
            '',
          ])
          const text = `${hasBom ? '\uFEFF' : ''}${lines.map(line => line + end).join('')}`
          const read = parse(cut(Buffer.from(text), borders))
          // A CR at the very end may be the first half of CRLF, but it has ended its line all the same.
          expect(read.filter(each => each.kind === 'event')).toEqual(
            frames.map(({ event, id, data }) => ({
              kind: 'event',
              event: event ?? 'message',
              id,
              data: data.join('\n'),
            })),
          )
          expect(read.filter(each => each.kind === 'comment')).toHaveLength(
            frames.filter(each => each.comment !== undefined).length,
          )
        },
      ),
      cases(500),
    )
  })

  it.each([
    ['a field without a colon has an empty value', 'data\n\n', ['']],
    ['only one blank after the colon is not part of the value', 'data:  two\n\n', [' two']],
    ['a block without data is no event', 'event: x\nid: 1\n\n', []],
    ['an unknown field is passed over', 'retry: 10\nfoo: bar\ndata: d\n\n', ['d']],
    ['what is not ended by an empty line is not there yet', 'data: d\n', []],
  ])('%s', (_, text, data) => {
    const read = parse([Buffer.from(text)])
    expect(read.map(each => (each.kind === 'event' ? each.data : ''))).toEqual(data)
  })
})
