import { extendZodWithOpenApi } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';

// Adds `.openapi()` once, before any schema is made: every schema of the API imports z from here.
extendZodWithOpenApi(z);

export { z };
