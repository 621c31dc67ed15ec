export interface ServerSentEvent {
  /** Last id that the stream gave, of this event or of one before it. */
  id: string | undefined;
  event: string;
  data: string;
}

/** The events of a text/event-stream (HTML standard, section 9.2); comments and an unfinished last one are dropped. */
export async function* readEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let id: string | undefined;
  let draft: { event: string; data: string[] } = { event: 'message', data: [] };
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [field, text] = splitField(line.replace(/\r$/, ''));
        if (field === 'id') id = text;
        else if (field === 'event') draft.event = text;
        else if (field === 'data') draft.data.push(text);
        else if (field === '' && draft.data.length > 0) {
          yield { id, event: draft.event, data: draft.data.join('\n') };
          draft = { event: 'message', data: [] };
        }
      }
    }
  } finally {
    // Also when the reader leaves early: the connection must not stay open.
    await reader.cancel().catch(() => undefined);
  }
}

function splitField(line: string): [string, string] {
  // A comment is a field without a name, and not the empty line that ends an event.
  if (line.startsWith(':')) return ['comment', ''];
  const colon = line.indexOf(':');
  if (colon === -1) return [line, ''];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
}
