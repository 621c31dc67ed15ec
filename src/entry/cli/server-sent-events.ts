export interface ServerSentEvent {
  /** Last id that the stream gave, of this event or one before it. */
  id: string | undefined;
  event: string;
  data: string;
}

/** The events of a text/event-stream (HTML standard, section 9.2); comments and an unfinished last one are dropped. */
export async function* readServerSentEvents(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let id: string | undefined;
  let event = 'message';
  let data: string[] = [];
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [field, value] = splitField(line.replace(/\r$/, ''));
      if (field === 'id') id = value;
      else if (field === 'event') event = value;
      else if (field === 'data') data.push(value);
      else if (field === '' && data.length > 0) {
        yield { id, event, data: data.join('\n') };
        event = 'message';
        data = [];
      }
    }
  }
}

function splitField(line: string): [string, string] {
  // A comment is a field without a name, and not the empty line that ends an event.
  if (line.startsWith(':')) return ['comment', ''];
  const colon = line.indexOf(':');
  if (colon === -1) return [line, ''];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
}
