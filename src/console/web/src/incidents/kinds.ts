/** What is reported up the line (R120). */
export const KINDS = ['beyond_remit', 'grave_error', 'safety', 'leak'] as const;
