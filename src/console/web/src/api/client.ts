import createFetchClient, { type Middleware } from 'openapi-fetch';
import createQueryClient from 'openapi-react-query';

import { Problem, problemOf } from './problem';
import type { paths } from './schema';

const problems: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) throw await problemOf(response);
  },
  onError({ error }) {
    return error instanceof Problem ? error : Problem.unanswered();
  },
};

/** A command that is sent twice, because its answer was lost, is carried out once. */
const onceOnly: Middleware = {
  onRequest({ request }) {
    if (request.method === 'POST') request.headers.set('Idempotency-Key', newKey());
    return request;
  },
};

function newKey(): string {
  // Not randomUUID: browsers have that on HTTPS only, and a desk may be served without.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * The API, typed by its document. An answer that is no success is thrown as a [`Problem`]. Nothing
 * is sent against forged requests: the session's cookie is `SameSite=Strict`, and the service looks
 * at `Origin`.
 */
export const client = createFetchClient<paths>({ baseUrl: '/', credentials: 'same-origin' });
client.use(problems, onceOnly);

/** The API as queries: `api.useQuery('get', '/api/v1/agents')`. */
export const api = createQueryClient(client);
