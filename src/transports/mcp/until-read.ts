/** The same response; `onDone` is called once its body has been read to the end, given up or broken. */
export function untilRead(response: Response, onDone: () => void): Response {
  const { body } = response
  if (body === null) {
    onDone()
    return response
  }
  const reader = body.getReader()
  let isDone = false
  const done = () => {
    if (isDone) return
    isDone = true
    onDone()
  }
  const watched = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done: isLast, value } = await reader.read()
        if (value !== undefined) controller.enqueue(value)
        if (!isLast) return
        done()
        controller.close()
      } catch (error) {
        done()
        controller.error(error)
      }
    },
    async cancel(reason) {
      done()
      await reader.cancel(reason)
    },
  })
  return new Response(watched, response)
}
