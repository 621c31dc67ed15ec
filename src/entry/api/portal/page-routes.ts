import type { Request, RequestHandler, Response, Router } from 'express';
import { AppError } from '../../../base/errors.ts';
import { sendPlainPage } from './plain-page.ts';
import { PortalDirectory, type PortalFile } from './portal-files.ts';

/** A name with a hash in it means the same for ever. */
const forEver = 'public, max-age=31536000, immutable';

/** The built pages. Routes of the browser are no files, so every other path is index.html. */
export function addPageRoutes(router: Router, path: string): void {
  const directory = new PortalDirectory(path);

  const asset: RequestHandler<{ name: string }> = async (request, response) => {
    const file = (await directory.files())?.assets.get(request.params.name);
    if (file === undefined)
      throw new AppError('NOTFOUND_PATH', 'the portal has no such file; reload the page');
    response.setHeader('Cache-Control', forEver);
    sendFile(request, response, file);
  };
  const page: RequestHandler = async (request, response) => {
    const files = await directory.files();
    if (files === undefined) {
      response.setHeader('Retry-After', '60');
      sendPlainPage(response, 503, {
        title: 'The portal is not built',
        text: 'Its operator can build it with: npm run build:portal',
      });
      return;
    }
    response.setHeader('Cache-Control', 'no-store');
    sendFile(request, response, files.index);
  };

  router.get('/assets/:name', asset);
  router.get('/{*path}', page);
}

function sendFile(request: Request, response: Response, { body, gzipped, type }: PortalFile): void {
  response.setHeader('Content-Type', type);
  response.setHeader('Vary', 'Accept-Encoding');
  const small = request.acceptsEncodings('gzip') === 'gzip' ? gzipped : undefined;
  if (small !== undefined) response.setHeader('Content-Encoding', 'gzip');
  response.send(small ?? body);
}
