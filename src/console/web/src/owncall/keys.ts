/** Under which keys the cache has what is known of one agent, and of one call. */
export const agentKey = (id: string) => ['get', '/api/v1/agents/{id}', { params: { path: { id } } }];

export const eventsKey = (id: string) => ['get', '/api/v1/calls/{id}/events', { params: { path: { id } } }];
