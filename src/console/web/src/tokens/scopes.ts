/** What a token can be allowed. */
export const SCOPES = [
  'calls:read',
  'calls:control',
  'numbers:reveal',
  'recordings:read',
  'desk:read',
  'wallboard:read',
  'agents:control',
  'customers:read',
  'customers:write',
  'audit:read',
  'admin',
] as const;
