/** What a user can be. */
export const ROLES = [
  'agent',
  'trainee',
  'shift_leader',
  'supervisor',
  'qa',
  'dept_handler',
  'manager',
  'auditor',
  'admin',
  'ops',
] as const;
