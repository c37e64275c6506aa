/** What a user can be called; the service checks it as well. */
export const USER_NAME = /^[\p{L}\p{N}.\-_@]{1,64}$/u;

/** The shortest password that the service takes. */
export const SHORTEST_PASSWORD = 10;
